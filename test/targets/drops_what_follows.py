"""Waits for a whole frame whatever the cuts, but forgets the bytes that came behind it."""

import struct

from listen import serve


def handle(connection):
    pending = b""
    while True:
        chunk = connection.recv(65536)
        if not chunk:
            return
        pending += chunk
        if len(pending) < 4:
            continue
        (length,) = struct.unpack(">I", pending[:4])
        if len(pending) < 4 + length:
            continue
        connection.sendall(pending[: 4 + length].upper())
        pending = b""


serve(handle)
