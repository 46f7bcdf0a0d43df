// The words that leave a prompt. They are the same in every example, so that nobody has to look them up.

const LEAVING: readonly string[] = ['exit', 'quit', 'bye'];

/** Whether the line leaves. `exit`, `quit` and `bye` all do, and so does Ctrl-D at a terminal. */
export function isLeaving(line: string): boolean {
  return LEAVING.includes(line.trim());
}
