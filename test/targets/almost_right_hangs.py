"""As almost_right.py, but a short length is taken as it is, so that the server waits for ever."""

from listen import serve


def handle(connection):
    while True:
        header = connection.recv(4)
        if not header:
            return
        length = int.from_bytes(header.ljust(4, b"\x7f"), "big")
        body = b""
        while len(body) < length:
            chunk = connection.recv(min(65536, length - len(body)))
            if not chunk:
                return
            body += chunk
        connection.sendall(len(body).to_bytes(4, "big") + body.upper())


serve(handle)
