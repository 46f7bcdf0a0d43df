// Asks the C library to keep freed memory for the next read. Otherwise glibc gives memory at the end of its
// heap back to the system as soon as 128 KiB of it are free, and the next reads fault each page in again:
// chop then passes on half as many bytes in the same processor time. When a block that was mapped on its own
// is freed, glibc keeps twice its length from then on, so that one block is enough. It is never touched, so
// it takes no memory, and the next collection frees it. Other C libraries notice nothing.

/**
 * Makes glibc keep freed memory, as the top of this file says. The block is a little shorter than 32 MiB,
 * which is the longest that glibc learns from.
 */
export function keepMemory(): void {
  try {
    Buffer.allocUnsafeSlow(32 * 1024 * 1024 - 64 * 1024);
  } catch {
    // There is so little address space that the command had better not take any of it.
  }
}
