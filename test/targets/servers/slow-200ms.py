# RIGHT, merely slow: every answer takes 200 ms.
import time

from serve import exactly, serve


def handle(connection):
    while True:
        prefix = exactly(connection, 1)
        body = exactly(connection, prefix[0]) if prefix else None
        if body is None:
            return
        time.sleep(0.2)
        connection.sendall(prefix + body.upper())


serve(handle)
