# BROKEN: counts the parts of a form by the boundary in each recv. A boundary that is cut is counted nowhere. The end
# of the form is looked for in all that came, so that the server always answers.
from serve import serve

BOUNDARY = b"\r\n--xYzZY"


def handle(connection):
    parts, buffer = 0, b""
    while True:
        chunk = connection.recv(65536)
        if not chunk:
            return
        buffer += chunk
        parts += chunk.count(BOUNDARY)
        while BOUNDARY + b"--\r\n" in buffer:
            form, buffer = buffer.split(BOUNDARY + b"--\r\n", 1)
            connection.sendall(b"%d parts, %d bytes\n" % (parts, len(form)))
            parts = 0


serve(handle)
