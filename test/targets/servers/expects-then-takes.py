"""RIGHT: answers before a request is complete: as soon as the length is there it says what it expects, then takes
the bytes in a loop, and says what they were."""

from serve import exactly, serve


def handle(connection):
    while (head := exactly(connection, 2)) is not None:
        length = int.from_bytes(head, "big")
        connection.sendall(b"expecting %d\n" % length)
        body = exactly(connection, length)
        if body is None:
            return
        connection.sendall(b"took " + body.upper() + b"\n")


serve(handle)
