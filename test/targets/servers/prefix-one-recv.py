# BROKEN: reads the two bytes of the length with one recv(2), and believes that both are there.
import struct

from serve import exactly, serve


def handle(connection):
    while True:
        prefix = connection.recv(2)
        if not prefix:
            return
        try:
            (length,) = struct.unpack(">H", prefix)
        except struct.error:
            return
        body = exactly(connection, length)
        if body is None:
            return
        connection.sendall(prefix + body[::-1])


serve(handle)
