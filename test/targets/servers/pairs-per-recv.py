"""BROKEN: run lengths are pairs of a digit and a character; the pairs of each recv are expanded, and half a pair
at its end is dropped. A single byte that comes alone is dropped as well."""

from serve import serve


def handle(connection):
    while True:
        data = connection.recv(65536)
        if not data:
            return
        for count, character in zip(data[::2], data[1::2]):
            connection.sendall(bytes([character]) * max(0, count - 48))


serve(handle)
