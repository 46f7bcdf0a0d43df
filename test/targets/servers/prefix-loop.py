# RIGHT: length and body are both read in a loop.
import struct

from serve import exactly, serve


def handle(connection):
    while True:
        prefix = exactly(connection, 2)
        if prefix is None:
            return
        body = exactly(connection, struct.unpack(">H", prefix)[0])
        if body is None:
            return
        connection.sendall(prefix + body[::-1])


serve(handle)
