"""Length, then bytes; the body is read in a loop, the four bytes of the length by one recv(4)."""

import struct

from listen import serve


def handle(connection):
    while True:
        header = connection.recv(4)
        if not header:
            return
        (length,) = struct.unpack(">I", header)
        body = b""
        while len(body) < length:
            chunk = connection.recv(length - len(body))
            if not chunk:
                return
            body += chunk
        connection.sendall(struct.pack(">I", len(body)) + body.upper())


serve(handle)
