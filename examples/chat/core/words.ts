// The sentences that the server says to people. Programs use the code.

import type { ChatEvent } from '../protocol.ts';
import type { Refusal } from './names.ts';

export const notUnderstood: Refusal = {
  code: 'not-understood',
  text: 'That is no command of this chat, or a field of it is missing, or its text is not UTF-8.',
};

export const helloFirst: Refusal = {
  code: 'hello-first',
  text: 'First say hello, with the nickname that you want.',
};

export const alreadyWelcome: Refusal = {
  code: 'already-welcome',
  text: 'You are in already, and keep the nickname that you have.',
};

export function nickTaken(nick: string, free: string | undefined): Refusal {
  const instead = free === undefined ? '' : `; ${free} is free`;
  return { code: 'nick-taken', text: `Somebody here is called ${nick} already${instead}.` };
}

export function serverFull(most: number): Refusal {
  return { code: 'server-full', text: `${most} people are here: there is no place left.` };
}

export function noPlaceForRoom(most: number): Refusal {
  const text = `People are in all of the ${most} rooms, so there is no place for another room.`;
  return { code: 'too-many-rooms', text };
}

export function inTooManyRooms(most: number): Refusal {
  return { code: 'in-too-many-rooms', text: `You are in ${most} rooms; leave one first.` };
}

export function alreadyIn(room: string): Refusal {
  return { code: 'already-in-room', text: `You are in ${room} already.` };
}

/** A user who wants to leave needs no hint. */
export function notIn(room: string, command: string): Refusal {
  const hint = command === 'leave' ? '' : '; join it first';
  return { code: 'not-in-room', text: `You are not in ${room}${hint}.` };
}

export function nobodyCalled(to: string): Refusal {
  const hint = to.includes('@') ? '' : ' Somebody on another server is NAME@SERVER.';
  return { code: 'no-such-user', text: `There is nobody called ${to}.${hint}` };
}

export function notReading(to: string): Refusal {
  const text = `${to} reads too slowly at the moment: your message was not delivered.`;
  return { code: 'not-reading', text };
}

export function noSuchServer(server: string): Refusal {
  return { code: 'no-such-server', text: `There is no chat server called ${server}.` };
}

export function noAnswer(server: string): Refusal {
  const text = `Server ${server} does not answer: whether your message arrived is not known.`;
  return { code: 'no-answer', text };
}

export function notSent(server: string): Refusal {
  const text = `Server ${server} is out of reach: your message was not sent.`;
  return { code: 'not-sent', text };
}

export function tooFast(perSecond: number): ChatEvent {
  const text = `You sent more than ${perSecond} commands a second: the server now reads them more slowly.`;
  return { type: 'notice', code: 'slow', text };
}

export function outageNotice(isOut: boolean): ChatEvent {
  return isOut
    ? {
        type: 'notice',
        code: 'bus-lost',
        text: 'The other servers are out of reach: only people on this one hear you now.',
      }
    : {
        type: 'notice',
        code: 'bus-back',
        text: 'The other servers are within reach again; what was said meanwhile stays where it was said.',
      };
}
