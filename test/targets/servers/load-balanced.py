# RIGHT: each connection is served by the next of three workers, whose name is in every answer.
import itertools

from serve import serve

WORKERS = itertools.cycle(["web-1", "web-2", "web-3"])


def handle(connection):
    worker = next(WORKERS)
    with connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(f"{worker}: {len(line.strip())} bytes\n".encode())


serve(handle)
