# RIGHT: a request of a few bytes is answered with a megabyte.
from serve import serve

PATTERN = bytes(range(32, 127))


def handle(connection):
    with connection.makefile("rb") as lines:
        for line in lines:
            seed = sum(line) % len(PATTERN)
            data = (PATTERN[seed:] + PATTERN[:seed]) * 11038
            connection.sendall(b"%d\n%s" % (len(data), data))


serve(handle)
