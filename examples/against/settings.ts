// How large a comparison is, and how its figures are written.

export interface Settings {
  /** Length of the large file and the large output, in bytes. */
  readonly size: number;
  /** Number of small files. */
  readonly files: number;
  /** Number of users who are connected and do nothing. */
  readonly idle: number;
  /**
   * Number of times that a duration is measured, five times as many for a very short one; the median is
   * shown. Memory, and how long a program takes to notice that the network stalls, are measured once.
   */
  readonly rounds: number;
  /** Time in seconds to wait for a program to notice that the network stalls. */
  readonly patience: number;
}

export function showSeconds(seconds: number): string {
  return seconds < 1 ? `${(1000 * seconds).toFixed(0)} ms` : `${seconds.toFixed(2)} s`;
}

export function perSecond(length: number, seconds: number): string {
  return `${showSeconds(seconds)}, ${(length / seconds / 1e6).toFixed(0)} MB/s`;
}
