// Ends a program when the process that started it has ended, even if that was killed. Every program that a
// scene starts loads this file first. It imports nothing from node:process, because that would open standard
// input, which only the program itself may open.

if (process.send !== undefined) {
  process.once('disconnect', () => process.exit());
  process.channel?.unref(); // The channel to the parent must not keep the program alive.
  if (!process.connected) {
    process.exit();
  } // The parent ended while this process was starting.
}
