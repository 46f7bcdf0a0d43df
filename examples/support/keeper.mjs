// Kills programs when the process that started them has ended, even if that process was killed. Programs of
// the examples load end-with-parent.ts instead; this is for foreign ones, such as python3, which cannot.
// It is JavaScript, so that it starts in a moment: processes.ts starts it before the first foreign program.
//
// Messages from the parent: a positive process id is that of a program that has started, and a negative one
// that of a program that has ended. (Its number may soon belong to another program.) The keeper tells its
// parent of each SIGINT, so that the parent can tell Ctrl-C, which is for all, from a SIGINT for itself.

import process from 'node:process';

const running = new Set();

// A signal to the whole process group reaches the parent, too. Outlive it, to see whether it ends.
process.on('SIGTERM', () => undefined).on('SIGHUP', () => undefined);
process.on('SIGINT', () => {
  if (process.connected) {
    process.send('SIGINT', () => undefined);
  }
});

process.on('message', (id) => {
  if (id > 0) {
    running.add(id);
  } else {
    running.delete(-id);
  }
});

process.once('disconnect', () => {
  for (const id of running) {
    try {
      process.kill(id, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
  process.exit();
});
