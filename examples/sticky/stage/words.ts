// The words of the demo and of cures.ts. words-en.ts and words-zh.ts have them in English and Chinese.

import type { Memory } from './reports.ts';

export interface Words {
  readonly headline: string;
  readonly intro: readonly string[];
  /** Names of the rows: the messages that were sent, and the results of recv(). */
  readonly messages: string;
  readonly chunks: string;
  readonly naive: {
    readonly title: string;
    readonly mistake: string;
    readonly server: string;
    readonly neverRead: (bytes: string) => string;
    readonly notVersion: string;
    readonly moral: string;
    readonly claimRest: (from: string, to: string) => string;
    readonly claimVersion: (behind: string) => string;
  };
  readonly almost: {
    readonly title: string;
    readonly mistake: string;
    readonly unstick: string;
    readonly name: string;
    readonly moral: string;
    readonly mapTitle: (places: number) => string;
    readonly claimQuiet: (whole: number, of: number) => string;
    readonly claimBreaks: string;
    readonly claimUnstick: string;
    readonly claimPlaces: (whole: number, of: number) => string;
  };
  readonly whole: {
    readonly title: string;
    readonly server: string;
    readonly client: string;
    readonly longOutput: string;
    readonly start: string;
    readonly delivered: (chunks: string, messages: string) => string;
    readonly half: (chunks: string) => string;
    readonly stuck: (chunks: string) => string;
    readonly speed: (seconds: string, rate: string) => string;
    readonly hashes: readonly [server: string, client: string];
    readonly memory: (memory: Memory) => string;
    readonly memoryNames: readonly [server: string, client: string];
    readonly memoryTitle: string;
    readonly claimShort: string;
    readonly claimLong: (bytes: string) => string;
    readonly claimHash: string;
    readonly claimMemory: (name: string, growth: string) => string;
  };
  readonly page: {
    readonly title: string;
    readonly claimHalf: (frames: number) => string;
    readonly claimSticky: (chunks: number) => string;
    readonly claimWhole: string;
    readonly open: string;
    readonly end: string;
  };
  readonly cures: {
    readonly headline: (messages: number, length: number) => string;
    readonly oneTick: string;
    readonly nothing: string;
    readonly sleep: string;
    readonly allThree: string;
    readonly gate: string;
    readonly python: string;
    readonly pythonNoDelay: string;
    readonly idle: string;
    readonly busy: (ms: number) => string;
    readonly cure: string;
    readonly taken: string;
    readonly right: string;
    readonly isNone: (cure: string, right: number, of: number) => string;
    readonly isHere: (name: string) => string;
    readonly isCure: (name: string) => string;
  };
  readonly allHeld: (claims: number, seconds: string) => string;
  readonly notHeld: (held: number, claims: number) => string;
  readonly next: readonly string[];
  readonly failed: string;
}
