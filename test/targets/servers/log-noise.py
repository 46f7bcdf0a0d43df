# RIGHT: writes 100 KB of log for every request, to standard output and standard error.
import sys

from serve import exactly, serve


def handle(connection):
    while True:
        prefix = exactly(connection, 1)
        body = exactly(connection, prefix[0]) if prefix else None
        if body is None:
            return
        print("BROKEN pipe? no. request", body.hex(), "." * 50_000, flush=True)
        print("INCONCLUSIVE noise", "." * 50_000, file=sys.stderr, flush=True)
        connection.sendall(prefix + bytes(255 - byte for byte in body))


serve(handle)
