"""RIGHT: looks at its connection every 300 ms, as a main loop of a device does, and takes what is there."""

import time

from serve import serve


def handle(connection):
    rest = b""
    connection.setblocking(False)
    while True:
        time.sleep(0.3)
        try:
            data = connection.recv(65536)
        except BlockingIOError:
            continue
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        connection.setblocking(True)
        connection.sendall(b"".join(line[::-1] + b"\n" for line in lines))
        connection.setblocking(False)


serve(handle)
