// Loaded in front of every program that a story starts: when the story's process is gone, killed even, the
// program ends, too. Started by hand, a program knows nothing of this. Nothing is imported from
// node:process: that would open standard input, which is the program's to open.

if (process.send !== undefined) {
  process.once('disconnect', () => process.exit());
  process.channel?.unref(); // Waiting for that is no reason to stay.
  if (!process.connected) {
    process.exit();
  } // It went while this process was starting.
}
