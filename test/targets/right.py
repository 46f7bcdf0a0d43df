"""Length, then bytes; both read until they are there."""

import struct

from listen import serve


def receive_exactly(connection, length):
    parts = []
    while length > 0:
        chunk = connection.recv(length)
        if not chunk:
            raise EOFError
        parts.append(chunk)
        length -= len(chunk)
    return b"".join(parts)


def handle(connection):
    try:
        while True:
            (length,) = struct.unpack(">I", receive_exactly(connection, 4))
            body = receive_exactly(connection, length)
            connection.sendall(struct.pack(">I", len(body)) + body.upper())
    except EOFError:
        return


serve(handle)
