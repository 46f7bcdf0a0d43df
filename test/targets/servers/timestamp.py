# RIGHT: every answer carries the time in microseconds.
import time

from serve import serve


def handle(connection):
    with connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"time=%d %s" % (time.time_ns() // 1000, line))


serve(handle)
