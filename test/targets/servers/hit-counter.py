# RIGHT: counts the requests of all connections, and says the count.
import itertools

from serve import serve

HITS = itertools.count(1)


def handle(connection):
    with connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"hit %d: hello %s" % (next(HITS), line))


serve(handle)
