# RIGHT: writes its answer in three pieces, 60 ms apart.
import time

from serve import serve


def handle(connection):
    with connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"HTTP-ish 200\n")
            time.sleep(0.06)
            connection.sendall(b"length %d\n" % len(line))
            time.sleep(0.06)
            connection.sendall(line[::-1].strip() + b"\n")


serve(handle)
