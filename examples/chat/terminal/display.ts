// Events as lines of text. Whatever others wrote goes through visible(): no text of theirs moves the
// cursor, changes colours, or looks like a line of its own, whatever their server let through.

import type { ChatEvent, EventOf } from '../protocol.ts';

/** ␀ to ␟ stand for the control characters 0 to 31. */
const CONTROL_PICTURES = 0x2400;

/** The text on one line, with nothing in it that a terminal obeys. */
export function visible(text: string): string {
  return (
    text
      .replaceAll(/\r?\n/g, ' ⏎ ')
      .replaceAll(/\p{Cc}/gu, pictureOf)
      // What turns the direction of writing could make one name look like another.
      .replaceAll(/[\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g, '')
  );
}

function pictureOf(control: string): string {
  const code = control.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code);
  return code === 0x7f ? '␡' : '�';
}

/** `me` is one's own nickname. */
export function lineOf(event: ChatEvent, me: string): string {
  switch (event.type) {
    case 'said':
      return said(event);
    case 'told':
      return event.from === me
        ? `${clock(event.at)} you → ${visible(event.to)}: ${visible(event.text)}`
        : `${clock(event.at)} ${visible(event.from)} → you: ${visible(event.text)}`;
    case 'entered':
      return `* ${visible(event.nick)} entered ${visible(event.room)}`;
    case 'left':
      return left(event, me);
    case 'members':
      return members(event);
    case 'rooms':
      return `* rooms: ${list(event.text) || 'none'}`;
    default:
      return aboutMe(event);
  }
}

/** What concerns only the reader. */
function aboutMe(
  event: Exclude<
    ChatEvent,
    { readonly type: 'said' | 'told' | 'entered' | 'left' | 'members' | 'rooms' }
  >,
): string {
  switch (event.type) {
    case 'welcome':
      return `* welcome, ${visible(event.nick)}; /help shows what you can do`;
    case 'refused':
      return `! ${visible(event.text)}`;
    case 'joined':
      return `* you are in ${visible(event.room)}${event.lines > 0 ? '; before you came:' : ''}`;
    case 'past':
      return `* the last ${event.lines} lines of ${visible(event.room)}:`;
    case 'missed':
      return `* you read too slowly: ${event.count} lines are missing here; /history shows the last`;
    case 'notice':
      return `* ${visible(event.text)}`;
    case 'bye':
      return event.why === 'closing' ? '* the server is closing' : '* bye';
  }
}

function said({ room, from, at, old, text }: EventOf<'said'>): string {
  return `${old ? '  · ' : ''}${clock(at)} [${visible(room)}] ${visible(from)}: ${visible(text)}`;
}

const reasons: Readonly<Record<string, string>> = {
  lost: ' (the connection broke)',
  'not-reading': ' (nobody was reading there)',
  closing: ' (their server closes)',
};

function left({ room, nick, why }: EventOf<'left'>, me: string): string {
  const reason = Object.hasOwn(reasons, why) ? reasons[why] : '';
  return `* ${nick === me ? 'you' : visible(nick)} left ${visible(room)}${reason}`;
}

function members({ room, server, count, text }: EventOf<'members'>): string {
  return `* in ${visible(room)} on server ${visible(server)}: ${count === 0 ? 'nobody' : list(text)}`;
}

/** The entries of a list, which stand one a line. */
function list(text: string): string {
  return text.split('\n').map(visible).join(', ');
}

function clock(at: number): string {
  const time = new Date(at);
  const [hours, minutes] = [time.getHours(), time.getMinutes()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${hours}:${minutes}`;
}
