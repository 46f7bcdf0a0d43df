// What the kernel says about a process, from /proc. All figures are 0 for a process that has gone.

import { readFileSync } from 'node:fs';

function read(pid: number | undefined, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** Resident memory in bytes. */
export function residentMemory(pid: number | undefined): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(pid, 'status'))?.[1] ?? 0) * 1024;
}

/** Linux counts the time of processes in hundredths of a second. */
const TICK_MS = 10;

/** Processor time in ms. */
export function processorTime(pid: number | undefined): number {
  // Behind the name of the program, which may hold blanks: state, and as 12th and 13th user and system time.
  const fields = read(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}
