// The chat of one server: its users, their rooms, and who reads what. Commands go in, events come out into
// mailboxes, and notes go out to other servers. It knows no socket and no encoding. The caller gives the
// time: `now` is in ms and never goes back.
//
// An event reaches the users of this server first, and then the other servers. So users of one server hear
// each other even when the bus is gone. Names of other servers carry their server: 小明@b.

import type { Bus, Ear } from '../bus/bus.ts';
import type { Answer, Note, Outcome } from '../bus/notes.ts';
import type { ChatEvent, Command, EventOf } from '../protocol.ts';
import type { Limits } from './limits.ts';
import { addressOf, isRefusal, nameOf, refusalOfText } from './names.ts';
import { isFit } from './fit.ts';
import type { Name, Refusal } from './names.ts';
import { Rooms } from './rooms.ts';
import type { Line, Room } from './rooms.ts';
import { Users } from './users.ts';
import { Visitor } from './visitor.ts';
import type { Mailbox } from './visitor.ts';
import * as words from './words.ts';

export type Reason = 'bye' | 'left' | 'lost' | 'not-reading' | 'closing' | 'crowded';

/** A command of a user who has been let in. */
type Request = Exclude<Command, { readonly type: 'hello' | 'bye' | 'ping' }>;
type Tell = Extract<Command, { readonly type: 'tell' }>;

export interface Surroundings {
  /** The name of this server. */
  readonly server: string;
  readonly limits: Limits;
  readonly bus: Pick<Bus, 'publish' | 'ask'>;
  readonly now: () => number;
}

export class Chat implements Ear {
  readonly #server: string;
  readonly #limits: Limits;
  readonly #bus: Surroundings['bus'];
  readonly #now: () => number;
  readonly #users: Users;
  readonly #rooms: Rooms<Visitor>;

  constructor({ server, limits, bus, now }: Surroundings) {
    this.#server = server;
    this.#limits = limits;
    this.#bus = bus;
    this.#now = now;
    this.#users = new Users(limits);
    this.#rooms = new Rooms(limits);
  }

  get users(): number {
    return this.#users.size;
  }

  get rooms(): number {
    return this.#rooms.size;
  }

  arrive(mailbox: Mailbox): Visitor {
    return new Visitor(mailbox, this.#limits, this.#now());
  }

  /** Carries out a command of the visitor. `undefined` stands for a message that is no command. */
  handle(visitor: Visitor, command: Command | undefined): void {
    if (command === undefined) {
      refuse(visitor, '', words.notUnderstood);
    } else if (command.type === 'bye') {
      this.depart(visitor, 'bye');
    } else if (command.type === 'ping') {
      visitor.mailbox.answer({ type: 'pong' });
    } else if (command.type === 'hello') {
      this.#hello(visitor, command.nick);
    } else if (visitor.name === undefined) {
      refuse(visitor, command.type, words.helloFirst);
    } else {
      this.#carryOut(visitor, visitor.name.shown, command);
    }
  }

  /**
   * Called for each command. Returns the ms to wait before the next command of this visitor is read. Sends a
   * notice to a visitor who has become too fast.
   */
  pace(visitor: Visitor): number {
    const wait = visitor.rate.take(this.#now());
    if (wait > 0 && !visitor.isSlowed) {
      visitor.mailbox.answer(words.tooFast(this.#limits.commandsPerSecond));
    }
    visitor.isSlowed = wait > 0 || (visitor.isSlowed && !visitor.rate.isRested);
    return wait;
  }

  depart(visitor: Visitor, why: Reason): void {
    const { name } = visitor;
    if (name === undefined) {
      return;
    }
    this.#users.letGo(visitor);
    for (const room of visitor.rooms.values()) {
      this.#leave(visitor, room, { nick: name.shown, why });
    }
  }

  /** Takes a note that another server sent to all servers. */
  hear(note: Note): void {
    const { server } = note;
    if (!isFit(note, this.#limits)) {
      return;
    }
    if (note.type === 'said') {
      const name = nameOf(note.room, 'room', this.#limits);
      // Remember it even if no user here is in that room: one may come later.
      const room = isRefusal(name) ? undefined : this.#rooms.open(name);
      if (room !== undefined) {
        this.#say(room, { ...note, from: `${note.from}@${server}` });
      }
    } else if (note.type === 'entered') {
      const nick = `${note.nick}@${server}`;
      this.#announce(this.#find(note.room), { type: 'entered', room: note.room, nick });
    } else if (note.type === 'left') {
      const nick = `${note.nick}@${server}`;
      this.#announce(this.#find(note.room), { type: 'left', room: note.room, nick, why: note.why });
    } else if (note.type === 'who') {
      const members = this.#membersOf(this.#find(note.room), note.room);
      void this.#bus.ask(server, { ...members, nick: note.nick });
    }
  }

  /** Takes a note that another server sent to this one. Returns the answer to it. */
  answer(note: Note): Answer {
    const { server } = note;
    if (!isFit(note, this.#limits)) {
      return 'not-understood';
    }
    if (note.type === 'ping') {
      return 'done';
    }
    if (note.type === 'tell') {
      const { at, text, to } = note;
      return this.#deliver(to, { type: 'told', from: `${note.from}@${server}`, to, at, text });
    }
    if (note.type === 'members') {
      const { nick, ...event } = note;
      return this.#deliver(nick, event);
    }
    return 'not-understood';
  }

  /** Tells all users that the other servers are out of reach, or within reach again. */
  outage(isOut: boolean): void {
    const notice = words.outageNotice(isOut);
    for (const { mailbox } of this.#users.all()) {
      mailbox.offer(notice, this.#now());
    }
  }

  #hello(visitor: Visitor, nick: string): void {
    const name = this.#users.letIn(visitor, nick);
    if (isRefusal(name)) {
      refuse(visitor, 'hello', name);
    } else {
      visitor.mailbox.answer({ type: 'welcome', nick: name.shown, server: this.#server });
    }
  }

  #carryOut(visitor: Visitor, nick: string, request: Request): void {
    if (request.type === 'rooms') {
      visitor.mailbox.answer(this.#roomList());
    } else if (request.type === 'tell') {
      this.#tell(visitor, nick, request);
    } else {
      const name = nameOf(request.room, 'room', this.#limits);
      if (isRefusal(name)) {
        refuse(visitor, request.type, name);
      } else if (request.type === 'join') {
        this.#join(visitor, nick, name);
      } else if (request.type === 'who') {
        this.#who(visitor, nick, name);
      } else {
        this.#inRoom(visitor, nick, { ...request, name });
      }
    }
  }

  /** Carries out the commands that only users in the room may give. */
  #inRoom(
    visitor: Visitor,
    nick: string,
    request: Extract<Request, { readonly type: 'say' | 'leave' | 'history' }> & {
      readonly name: Name;
    },
  ): void {
    const { type, name } = request;
    const room = visitor.rooms.get(name.key);
    if (room === undefined) {
      refuse(visitor, type, words.notIn(name.shown, type));
    } else if (type === 'history') {
      showHistory(visitor, 'past', room);
    } else if (type === 'leave') {
      visitor.mailbox.answer({ type: 'left', room: room.name, nick, why: 'left' });
      this.#leave(visitor, room, { nick, why: 'left' });
    } else {
      const { text } = request;
      const refusal = refusalOfText(text, this.#limits);
      if (refusal !== undefined) {
        refuse(visitor, 'say', refusal);
      } else {
        const line: Line = { from: nick, at: this.#now(), text };
        this.#say(room, line);
        this.#bus.publish({ type: 'said', server: this.#server, room: room.name, ...line });
      }
    }
  }

  #join(visitor: Visitor, nick: string, name: Name): void {
    const { maxRooms, maxRoomsOfUser } = this.#limits;
    if (visitor.rooms.has(name.key)) {
      return refuse(visitor, 'join', words.alreadyIn(name.shown));
    }
    if (visitor.rooms.size >= maxRoomsOfUser) {
      return refuse(visitor, 'join', words.inTooManyRooms(maxRoomsOfUser));
    }
    const room = this.#rooms.open(name) ?? this.#takeRoom(name, visitor);
    if (room === undefined) {
      return refuse(visitor, 'join', words.noPlaceForRoom(maxRooms));
    }
    this.#announce(room, { type: 'entered', room: room.name, nick });
    this.#rooms.enter(room, visitor);
    visitor.rooms.set(room.key, room);
    showHistory(visitor, 'joined', room);
    this.#bus.publish({ type: 'entered', server: this.#server, room: room.name, nick });
  }

  /**
   * Frees a room when all are taken, so that a few users cannot take all rooms from the others. Looks for
   * users who are alone in a room and are in at least two rooms more than the visitor. The one of them who is
   * in most rooms loses such a room. Returns `undefined` if there is no such user.
   */
  #takeRoom(name: Name, visitor: Visitor): Room<Visitor> | undefined {
    let loss: { readonly from: Visitor; readonly room: Room<Visitor> } | undefined;
    let most = visitor.rooms.size + 1;
    for (const from of this.#users.all()) {
      const room = from.rooms.size > most ? aloneIn(from) : undefined;
      if (room !== undefined) {
        loss = { from, room };
        most = from.rooms.size;
      }
    }
    if (loss === undefined) {
      return undefined;
    }
    const how = { nick: loss.from.name?.shown ?? '', why: 'crowded' } as const;
    loss.from.mailbox.answer({ type: 'left', room: loss.room.name, ...how });
    this.#leave(loss.from, loss.room, how);
    return this.#rooms.open(name);
  }

  /** Takes a user out of a room and tells the others. The caller answers the user, if still connected. */
  #leave(visitor: Visitor, room: Room<Visitor>, how: { nick: string; why: Reason }): void {
    visitor.rooms.delete(room.key);
    this.#rooms.leave(room, visitor);
    // When this server ends, all of its users leave, and each is told about it directly.
    if (how.why !== 'closing') {
      this.#announce(room, { type: 'left', room: room.name, ...how });
    }
    this.#bus.publish({ type: 'left', server: this.#server, room: room.name, ...how });
  }

  #say(room: Room<Visitor>, { from, at, text }: Line): void {
    room.history.add({ from, at, text });
    this.#tellRoom(room, { type: 'said', room: room.name, from, at, old: false, text });
  }

  /** Announces who comes and goes, but not in a room with more than `maxAnnounced` users. */
  #announce(room: Room<Visitor> | undefined, event: EventOf<'entered' | 'left'>): void {
    if (room === undefined || room.members.size > this.#limits.maxAnnounced) {
      return;
    }
    this.#tellRoom(room, event);
  }

  /** Hands all users the same event object, so that the mailboxes encode it once. */
  #tellRoom(room: Room<Visitor>, event: ChatEvent): void {
    const now = this.#now();
    for (const { mailbox } of room.members) {
      mailbox.offer(event, now);
    }
  }

  #tell(visitor: Visitor, nick: string, { to, text }: Tell): void {
    const refusal = refusalOfText(text, this.#limits);
    if (refusal !== undefined) {
      return refuse(visitor, 'tell', refusal);
    }
    const { nick: reader, server = this.#server } = addressOf(to);
    const message = { from: nick, at: this.#now(), text };
    const settle = (outcome: Outcome): void => {
      if (outcome === 'done') {
        visitor.mailbox.answer({ type: 'told', to, ...message });
      } else {
        refuse(visitor, 'tell', undelivered(outcome, to, server));
      }
    };
    if (server === this.#server) {
      // Users who write to themselves need no second copy.
      const isSelf = this.#users.find(reader) === visitor;
      settle(isSelf ? 'done' : this.#deliver(reader, { type: 'told', to: reader, ...message }));
    } else {
      const note: Note = { type: 'tell', server: this.#server, to: reader, ...message };
      void this.#bus.ask(server, note).then(settle);
    }
  }

  #deliver(to: string, event: ChatEvent): Answer {
    const reader = this.#users.find(to);
    if (reader === undefined) {
      return 'no-such-user';
    }
    return reader.mailbox.offer(event, this.#now()) ? 'done' : 'not-reading';
  }

  /** This server answers at once. Each other server answers for its own users. */
  #who(visitor: Visitor, nick: string, { shown, key }: Name): void {
    visitor.mailbox.answer(this.#membersOf(this.#rooms.find(key), shown));
    this.#bus.publish({ type: 'who', server: this.#server, room: shown, nick });
  }

  #membersOf(room: Room<Visitor> | undefined, name: string): EventOf<'members'> {
    const names = Array.from(room?.members ?? [], (member) => member.name?.shown ?? '');
    const text = names.join('\n');
    return {
      type: 'members',
      room: room?.name ?? name,
      server: this.#server,
      count: names.length,
      text,
    };
  }

  #roomList(): EventOf<'rooms'> {
    const rooms = Array.from(
      this.#rooms.occupied(),
      ({ name, members }) => `${name} ${members.size}`,
    );
    return { type: 'rooms', count: rooms.length, text: rooms.join('\n') };
  }

  #find(room: string): Room<Visitor> | undefined {
    const name = nameOf(room, 'room', this.#limits);
    return isRefusal(name) ? undefined : this.#rooms.find(name.key);
  }
}

function aloneIn({ rooms }: Visitor): Room<Visitor> | undefined {
  return [...rooms.values()].find(({ members }) => members.size === 1);
}

function refuse(visitor: Visitor, command: string, refusal: Refusal): void {
  visitor.mailbox.answer({ type: 'refused', command, ...refusal });
}

function showHistory(visitor: Visitor, type: 'joined' | 'past', room: Room<Visitor>): void {
  const lines = room.history.lines();
  visitor.mailbox.answer({ type, room: room.name, lines: lines.length });
  for (const line of lines) {
    visitor.mailbox.answer({ type: 'said', room: room.name, ...line, old: true });
  }
}

function undelivered(outcome: Exclude<Outcome, 'done'>, to: string, server: string): Refusal {
  if (outcome === 'not-sent') {
    return words.notSent(server);
  }
  if (outcome === undefined || outcome === 'not-understood') {
    return words.noAnswer(server);
  }
  if (outcome === 'no-such-server') {
    return words.noSuchServer(server);
  }
  if (outcome === 'not-reading') {
    return words.notReading(to);
  }
  return words.nobodyCalled(to);
}
