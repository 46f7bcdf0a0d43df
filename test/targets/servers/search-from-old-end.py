# BROKEN: so as not to search twice it looks for the empty line from where the last chunk began, and not
# three bytes before.
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
        scanned = len(buffer)


serve(handle)
