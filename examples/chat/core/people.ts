// For the tests: users whose mailboxes are lists, on servers without sockets.

import { LocalHub } from '../bus/bus.ts';
import type { ChatEvent, Command } from '../protocol.ts';
import { Chat } from './chat.ts';
import { defaultLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import type { Visitor } from './visitor.ts';

/** A user with a list for a mailbox. */
export class Person {
  readonly events: ChatEvent[] = [];
  readonly chat: Chat;
  readonly visitor: Visitor;
  isReading = true;

  constructor(chat: Chat, nick?: string) {
    this.chat = chat;
    this.visitor = chat.arrive({
      offer: (event) => {
        if (this.isReading) {
          this.events.push(event);
        }
        return this.isReading;
      },
      answer: (event) => this.events.push(event),
    });
    if (nick !== undefined) {
      this.do({ type: 'hello', nick });
    }
  }

  do(...commands: Command[]): this {
    for (const command of commands) {
      this.chat.handle(this.visitor, command);
    }
    return this;
  }

  in(room: string): this {
    return this.do({ type: 'join', room });
  }

  say(room: string, text: string): this {
    return this.do({ type: 'say', room, text });
  }

  /** The events since the last look, in short. */
  get news(): string[] {
    return this.events.splice(0).map(inShort);
  }
}

function inShort(event: ChatEvent): string {
  switch (event.type) {
    case 'said':
      return `${event.old ? 'old ' : ''}${event.room} ${event.from}: ${event.text}`;
    case 'told':
      return `${event.from} > ${event.to}: ${event.text}`;
    case 'refused':
      return `refused ${event.code}`;
    case 'entered':
    case 'left':
      return `${event.nick} ${event.type} ${event.room}`;
    case 'members':
      return `${event.server}: ${event.text.replaceAll('\n', ' ')}`;
    case 'notice':
      return `notice ${event.code}`;
    default:
      return event.type;
  }
}

export async function servers(
  names: readonly string[],
  limits: Partial<Limits> = {},
): Promise<Chat[]> {
  const hub = new LocalHub();
  const start = async (server: string): Promise<Chat> => {
    const bus = hub.bus();
    const all = { ...defaultLimits, ...limits };
    const chat = new Chat({ server, limits: all, bus, now: () => 0 });
    await bus.attend(server, chat);
    return chat;
  };
  return Promise.all(names.map(start));
}

export async function oneServer(limits: Partial<Limits> = {}): Promise<Chat> {
  const [chat] = await servers(['a'], limits);
  if (chat === undefined) {
    throw new Error('one name is one server');
  }
  return chat;
}
