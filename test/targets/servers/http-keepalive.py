# RIGHT: waits for the whole header and body, and keeps what follows for the next request.
import re

from serve import serve


def handle(connection):
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            chunk = connection.recv(4096)
            if not chunk:
                return
            buffer += chunk
        head, buffer = buffer.split(b"\r\n\r\n", 1)
        field = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        length = int(field[1]) if field else 0
        while len(buffer) < length:
            chunk = connection.recv(4096)
            if not chunk:
                return
            buffer += chunk
        body, buffer = buffer[:length], buffer[length:]
        reply = b"%s, %d bytes" % (head.split(b"\r\n")[0], sum(body))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(reply), reply))


serve(handle)
