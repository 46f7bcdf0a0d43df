# BROKEN: tries ten times to read the rest, then gives up: ten reads are enough for any packet, it thinks.
from serve import serve

ATTEMPTS = 10


def handle(connection):
    buffer = b""
    while True:
        for _ in range(ATTEMPTS):
            if b"\n" in buffer:
                break
            chunk = connection.recv(1024)
            if not chunk:
                return
            buffer += chunk
        line, newline, rest = buffer.partition(b"\n")
        connection.sendall(b"ok %s\n" % line.lower() if newline else b"incomplete\n")
        buffer = rest


serve(handle)
