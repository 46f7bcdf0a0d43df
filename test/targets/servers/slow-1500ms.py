# RIGHT, merely slow: an answer takes a second and a half.
import time

from serve import serve


def handle(connection):
    with connection.makefile("rb") as lines:
        for line in lines:
            time.sleep(1.5)
            connection.sendall(b"done: " + line)


serve(handle)
