"""A right line server whose answers hold a number that always changes."""

import itertools

from listen import serve

ticks = itertools.count(1000)


def handle(connection):
    pending = b""
    while True:
        chunk = connection.recv(65536)
        if not chunk:
            return
        pending += chunk
        while b"\n" in pending:
            line, pending = pending.split(b"\n", 1)
            connection.sendall(b"tick=%d " % next(ticks) + line + b"\n")


serve(handle)
