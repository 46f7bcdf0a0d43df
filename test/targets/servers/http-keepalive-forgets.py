# BROKEN: keep-alive that starts each request with an empty buffer: a second one in the same recv() is lost.
import re

from serve import serve


def handle(connection):
    while True:
        buffer = b""
        while b"\r\n\r\n" not in buffer:
            chunk = connection.recv(65536)
            if not chunk:
                return
            buffer += chunk
        head, body = buffer.split(b"\r\n\r\n", 1)
        field = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        length = int(field[1]) if field else 0
        while len(body) < length:
            chunk = connection.recv(65536)
            if not chunk:
                return
            body += chunk
        reply = b"%s, %d bytes" % (head.split(b"\r\n")[0], sum(body[:length]))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(reply), reply))


serve(handle)
