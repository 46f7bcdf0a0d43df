# RIGHT: each seventh connection is told that the service will be down on Sunday.
import itertools

from serve import serve

NUMBERS = itertools.count(1)


def handle(connection):
    if next(NUMBERS) % 7 == 0:
        connection.sendall(b"* maintenance on Sunday\n")
    with connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(line.strip()[::-1] + b"\n")


serve(handle)
