// Turns a typed line into a command. `bye` is compared with a whole line, which is a whole message. It is
// never compared with the bytes of one recv().

import { isLeaving } from '../../support/leaving.ts';
import { written } from '../protocol.ts';
import type { Command } from '../protocol.ts';

export type Input =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'nick'; readonly nick: string }
  /** Sends later lines to another room. */
  | { readonly kind: 'room'; readonly room: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'print'; readonly text: string };

export const help = `\
  TEXT              say it in the room you are in; //TEXT when it begins with a slash
  /join ROOM        enter a room, and talk there from now on
  /room ROOM        talk in another room that you are in
  /leave [ROOM]     leave a room
  /msg NAME TEXT    a private message; NAME@SERVER for somebody on another server
  /me TEXT          what you do: * NAME TEXT
  /who [ROOM]       who is there (/names)   /rooms   which rooms there are (/list)
  /history [ROOM]   the last lines      /nick NAME   a nickname, when yours was taken
  bye               leave (exit, quit, /bye, /exit, /quit)`;

/** `room` is the room that typed lines go to. */
export function inputOf(line: string, room: string): Input {
  if (line.trim() === '') {
    return { kind: 'nothing' };
  }
  if (isLeaving(line.trim().replace(/^\//, ''))) {
    return commanded({ type: 'bye' });
  }
  if (!line.startsWith('/')) {
    return commanded({ type: 'say', room, text: line });
  }
  if (line.startsWith('//')) {
    return commanded({ type: 'say', room, text: line.slice(1) });
  }
  const [, verb = '', rest = ''] = /^\/(\S*)\s*(.*)$/su.exec(line.trimEnd()) ?? [];
  return slashed(verb, rest, room);
}

function slashed(verb: string, rest: string, room: string): Input {
  switch (verb) {
    case 'join':
      return rest === '' ? usage('/join ROOM') : commanded({ type: 'join', room: rest });
    case 'room':
      return rest === '' ? usage('/room ROOM') : { kind: 'room', room: rest };
    case 'nick':
      return rest === '' ? usage('/nick NAME') : { kind: 'nick', nick: rest };
    case 'leave':
    case 'who':
    case 'history':
      return commanded({ type: verb, room: rest === '' ? room : rest });
    case 'names':
      return commanded({ type: 'who', room: rest === '' ? room : rest });
    case 'me':
      return rest === ''
        ? usage('/me TEXT')
        : commanded({ type: 'say', room, text: `/me ${rest}` });
    case 'list':
    case 'rooms':
      return commanded({ type: 'rooms' });
    case 'msg': {
      const [, to, text] = /^(\S+)\s+(.+)$/su.exec(rest) ?? [];
      if (to === undefined || text === undefined) {
        return usage('/msg NAME TEXT');
      }
      return commanded({ type: 'tell', to, text });
    }
    case 'help':
      return { kind: 'print', text: help };
    default:
      return { kind: 'print', text: `! There is no /${verb}; /help shows what there is.` };
  }
}

/** Maximum lengths of a header and a body in bytes, as in chat-server.ts. Beyond them a connection ends. */
const MAX_HEADER = 4 * 1024;
const MAX_BODY = 64 * 1024;

function commanded(command: Command): Input {
  const { header, body = '' } = written(command);
  const isTooLong =
    Buffer.byteLength(JSON.stringify(header)) > MAX_HEADER || Buffer.byteLength(body) > MAX_BODY;
  if (isTooLong) {
    return { kind: 'print', text: '! That line is too long for any server, so it is not sent.' };
  }
  return { kind: 'command', command };
}

function usage(text: string): Input {
  return { kind: 'print', text: `! Usage: ${text}` };
}
