# RIGHT: pads each answer with random bytes of random number, so that its length says nothing.
import os
import random

from serve import exactly, serve


def handle(connection):
    while True:
        prefix = exactly(connection, 1)
        body = exactly(connection, prefix[0]) if prefix else None
        if body is None:
            return
        padding = os.urandom(random.randrange(4, 20)).hex().encode()
        connection.sendall(b"<%s|%s>\n" % (body.hex().encode(), padding))


serve(handle)
