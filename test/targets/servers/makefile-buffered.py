# RIGHT: makefile() with its buffer; read(n) goes on until n bytes are there, readline() until the line is.
from serve import serve


def handle(connection):
    stream = connection.makefile("rb")
    while True:
        header = stream.readline()
        if not header:
            return
        body = stream.read(int(header))
        connection.sendall(b"%d %s\n" % (len(body), body[::-1]))


serve(handle)
