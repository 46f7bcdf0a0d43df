// The words that leave a prompt: the same in every example, so that users need not look them up.

const LEAVING: readonly string[] = ['exit', 'quit', 'bye'];

/** Whether a line is one of the words that leave. (Ctrl-D leaves, too, but is the end of the input.) */
export function isLeaving(line: string): boolean {
  return LEAVING.includes(line.trim());
}
