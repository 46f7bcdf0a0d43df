// What one chat server allows, all in one place. Nothing that a client sends makes it hold more than this.

export interface Limits {
  /** People on this server. Default 2000. */
  readonly maxUsers: number;
  /** Rooms that are remembered, empty ones included. Default 200. */
  readonly maxRooms: number;
  /** Rooms that one person is in at a time. Default 10. */
  readonly maxRoomsOfUser: number;
  /** Characters, as a reader counts them, of a name: 👩‍💻 is one. Default 16. */
  readonly maxNameLength: number;
  /** Bytes of a name: a reader's character can be dozens of code points. Default 128. */
  readonly maxNameBytes: number;
  /** Code points of what is said at once. Default 2000. */
  readonly maxTextLength: number;
  /**
   * Rooms with more people do not announce who comes and goes: a thousand who join one after the other
   * would be half a million announcements. Default 100.
   */
  readonly maxAnnounced: number;
  /** Lines that a room remembers. Default 50. */
  readonly historyLength: number;
  /** Commands a second that one person may go on sending, and how many at once. Defaults 10 and 20. */
  readonly commandsPerSecond: number;
  readonly burst: number;
  /** Lines that wait for one slow reader; what comes above is missed, and counted. Default 200. */
  readonly maxWaitingLines: number;
  /** Answers that may wait; above, no further command of that person is read. Default 100. */
  readonly maxWaitingAnswers: number;
  /** The same in bytes. The last answer may be longer. Default 64 KiB. */
  readonly maxWaitingBytes: number;
  /** How long in ms a reader that misses lines may read nothing at all. Default one minute. */
  readonly patience: number;
}

export const defaultLimits: Limits = {
  maxUsers: 2000,
  maxRooms: 200,
  maxRoomsOfUser: 10,
  maxNameLength: 16,
  maxNameBytes: 128,
  maxTextLength: 2000,
  maxAnnounced: 100,
  historyLength: 50,
  commandsPerSecond: 10,
  burst: 20,
  maxWaitingLines: 200,
  maxWaitingAnswers: 100,
  maxWaitingBytes: 64 * 1024,
  patience: 60_000,
};
