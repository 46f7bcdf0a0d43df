# RIGHT: counts the parts of a form when all of it is there.
from serve import serve

BOUNDARY = b"\r\n--xYzZY"


def handle(connection):
    buffer = b""
    while True:
        chunk = connection.recv(65536)
        if not chunk:
            return
        buffer += chunk
        while BOUNDARY + b"--\r\n" in buffer:
            form, buffer = buffer.split(BOUNDARY + b"--\r\n", 1)
            connection.sendall(b"%d parts, %d bytes\n" % (form.count(BOUNDARY) + 1, len(form)))


serve(handle)
