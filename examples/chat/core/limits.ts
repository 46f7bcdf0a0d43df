// The limits of one chat server, all in one place. No client can make the server hold more than this.

export interface Limits {
  /** Maximum number of users on this server. Default 2000. */
  readonly maxUsers: number;
  /** Maximum number of rooms that the server remembers, empty ones included. Default 200. */
  readonly maxRooms: number;
  /** Maximum number of rooms that one user is in at a time. Default 10. */
  readonly maxRoomsOfUser: number;
  /** Maximum length of a name in characters, as a reader counts them: 👩‍💻 is one. Default 16. */
  readonly maxNameLength: number;
  /** Maximum length of a name in bytes: one character can be dozens of code points. Default 128. */
  readonly maxNameBytes: number;
  /** Maximum length of one line that a user says, in code points. Default 2000. */
  readonly maxTextLength: number;
  /**
   * Number of users up to which a room announces who comes and goes. A thousand users who join one after
   * the other would otherwise cause half a million announcements. Default 100.
   */
  readonly maxAnnounced: number;
  /** Maximum number of lines that a room remembers. Default 50. */
  readonly historyLength: number;
  /** Number of commands that one user may send per second, and in one burst. Defaults 10 and 20. */
  readonly commandsPerSecond: number;
  readonly burst: number;
  /** Maximum number of lines that wait for a slow reader. Later lines are only counted. Default 200. */
  readonly maxWaitingLines: number;
  /**
   * Maximum number of answers that wait for a user. With more of them, the server reads no command of that
   * user. Default 100.
   */
  readonly maxWaitingAnswers: number;
  /** Maximum length of these answers together. The last answer may go beyond it. Default 64 KiB. */
  readonly maxWaitingBytes: number;
  /** Time in ms that a reader that misses lines may read nothing at all. Default one minute. */
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
