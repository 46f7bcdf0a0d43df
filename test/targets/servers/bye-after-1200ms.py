"""RIGHT: answers QUIT at once, and closes 1.2 s later."""

import time

from serve import serve


def handle(connection):
    for line in connection.makefile("rb"):
        if line.strip() == b"QUIT":
            connection.sendall(b"bye\n")
            time.sleep(1.2)
            return
        connection.sendall(b"you said " + line)


serve(handle)
