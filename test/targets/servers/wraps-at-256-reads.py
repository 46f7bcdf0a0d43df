"""BROKEN: the reads of a connection are counted in one byte, and read number 0 is taken for "nothing read yet",
so its bytes replace what waits. It takes 256 reads on one connection to see it."""

from serve import serve


def handle(connection):
    reads, rest = 0, b""
    while True:
        data = connection.recv(65536)
        if not data:
            return
        rest = data if reads == 0 else rest + data
        reads = (reads + 1) % 256
        *lines, rest = rest.split(b"\n")
        for line in lines:
            connection.sendall(b"%d %s\n" % (len(line), line[:8]))


serve(handle)
