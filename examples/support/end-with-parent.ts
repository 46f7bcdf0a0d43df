// Every program that a story starts loads this file first. When the process of the story is gone, even killed,
// the program ends, too. It imports nothing from node:process: that would open standard input, which only
// the program may open.

if (process.send !== undefined) {
  process.once('disconnect', () => process.exit());
  process.channel?.unref(); // Waiting for it must not keep the program alive.
  if (!process.connected) {
    process.exit();
  } // The parent went while this process was starting.
}
