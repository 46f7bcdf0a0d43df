// Events as lines of text. Each line goes through visible() as a whole, so no field can be forgotten: no text
// of another user can move the cursor, change colours, or look like a line of its own.

import { shownLine } from '../../support/shown.ts';
import type { ChatEvent, EventOf } from '../protocol.ts';

/**
 * The text on one line. As in printable() of the library, characters that a terminal obeys and invisible
 * characters are escaped. Joiners stay, for emoji and Persian.
 */
export function visible(text: string): string {
  // Check the whole text, so that a text of nothing but line ends is cut, too.
  return shownLine(text.replaceAll(/\r?\n/g, ' ⏎ '));
}

/** `me` is the nickname of the reader. */
export function lineOf(event: ChatEvent, me: string): string {
  return visible(rawLineOf(event, me));
}

function rawLineOf(event: ChatEvent, me: string): string {
  switch (event.type) {
    case 'said':
      return said(event);
    case 'told':
      return event.from === me
        ? `${clock(event.at)} you → ${event.to}: ${event.text}`
        : `${clock(event.at)} ${event.from} → you: ${event.text}`;
    case 'entered':
      return `* ${event.nick} entered ${event.room}`;
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

/** Events that concern only the reader. */
function aboutMe(
  event: Exclude<
    ChatEvent,
    { readonly type: 'said' | 'told' | 'entered' | 'left' | 'members' | 'rooms' }
  >,
): string {
  switch (event.type) {
    case 'welcome':
      return `* welcome, ${event.nick}; /help shows what you can do`;
    case 'refused':
      return `! ${event.text}`;
    case 'joined':
      return `* you are in ${event.room}${event.lines > 0 ? '; before you came:' : ''}`;
    case 'past':
      return `* the last ${event.lines} lines of ${event.room}:`;
    case 'missed':
      return `* you read too slowly: ${event.count} lines are missing here; /history shows the last`;
    case 'notice':
      return `* ${event.text}`;
    case 'pong':
      return '* the server answers';
    case 'bye':
      return event.why === 'closing' ? '* the server is closing' : '* bye';
  }
}

function said({ room, from, at, old, text }: EventOf<'said'>): string {
  const what = text.startsWith(DOES) ? `* ${from} ${text.slice(DOES.length)}` : `${from}: ${text}`;
  return `${old ? '  · ' : ''}${clock(at)} [${room}] ${what}`;
}

/** A text that begins so says what its sender does. XMPP chats do the same (XEP-0245). */
const DOES = '/me ';

const reasons: Readonly<Record<string, string>> = {
  lost: ' (the connection broke)',
  'not-reading': ' (nobody was reading there)',
  closing: ' (their server closes)',
  crowded: ' (all rooms are taken, and you have most of them)',
};

function left({ room, nick, why }: EventOf<'left'>, me: string): string {
  const reason = Object.hasOwn(reasons, why) ? reasons[why] : '';
  return `* ${nick === me ? 'you' : nick} left ${room}${reason}`;
}

function members({ room, server, count, text }: EventOf<'members'>): string {
  return `* in ${room} on server ${server}: ${count === 0 ? 'nobody' : list(text)}`;
}

/** The lines of a list, joined by commas. */
function list(text: string): string {
  return text.split('\n').join(', ');
}

function clock(at: number): string {
  const time = new Date(at);
  const [hours, minutes] = [time.getHours(), time.getMinutes()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${hours}:${minutes}`;
}
