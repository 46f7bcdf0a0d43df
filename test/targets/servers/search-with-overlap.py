# RIGHT: the same, from three bytes before.
from serve import serve


def handle(connection):
    buffer = bytearray()
    scanned = 0
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        buffer += chunk
        while (end := buffer.find(b"\r\n\r\n", scanned)) >= 0:
            fields = bytes(buffer[:end]).count(b":")
            connection.sendall(b"SIP/2.0 200 OK\r\nX-Fields: %d\r\n\r\n" % fields)
            del buffer[: end + 4]
            scanned = 0
        scanned = max(0, len(buffer) - 3)


serve(handle)
