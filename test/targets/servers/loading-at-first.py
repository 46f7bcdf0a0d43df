# RIGHT: listens at once, and says LOADING to every command of the first 1.5 s, as redis does.
import time

from serve import serve

READY_AT = time.monotonic() + 1.5


def handle(connection):
    with connection.makefile("rb") as lines:
        for line in lines:
            if time.monotonic() < READY_AT:
                connection.sendall(b"-LOADING the data set is being read\r\n")
            else:
                connection.sendall(b"+" + line.strip().upper() + b"\r\n")


serve(handle)
