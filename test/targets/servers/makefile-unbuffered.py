# BROKEN: makefile() without a buffer. Its readline() goes byte by byte and is right, but its read(n) is one recv,
# so that a body that comes in two pieces is cut short, and the rest of it is taken for the next header.
from serve import serve


def handle(connection):
    stream = connection.makefile("rb", buffering=0)
    while True:
        header = stream.readline()
        if not header:
            return
        try:
            length = int(header)
        except ValueError:
            connection.sendall(b"?\n")
            continue
        body = stream.read(length)
        connection.sendall(b"%d %s\n" % (len(body), body[::-1]))


serve(handle)
