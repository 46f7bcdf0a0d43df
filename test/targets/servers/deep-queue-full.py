"""RIGHT: a limit on purpose. A client with more than 8192 bytes waiting in one read is told so and hung up on,
as chat servers do with a flood; a client that sends its lines as they come never meets the limit."""

from serve import serve


def handle(connection):
    rest = b""
    while True:
        data = connection.recv(65536)
        if not data:
            return
        if len(data) > 8192:
            connection.sendall(b"flood\n")
            return
        *lines, rest = (rest + data).split(b"\n")
        connection.sendall(b"".join(line.upper() + b"!\n" for line in lines))


serve(handle)
