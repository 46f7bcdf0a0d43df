// Reads the output of `ss -xnH`: the unix sockets of this machine. Pure functions over text.
//
// A row reads `u_str ESTAB RECV-Q SEND-Q LOCAL INODE REMOTE INODE`. LOCAL is `*` or a path. SEND-Q is the
// memory of the data that this socket has sent and its receiver has not read: it is 0 when everything was
// read.

/** Returns SEND-Q in bytes of the socket with this inode, or `undefined` if there is no row. */
export function unreadBySs(table: string, inode: number): number | undefined {
  const row = new RegExp(String.raw`^u_\S+ +\S+ +\d+ +(\d+) +\S+ +${inode} `, 'm').exec(table);
  return row === null ? undefined : Number(row[1]);
}
