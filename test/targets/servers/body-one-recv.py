# BROKEN: the header is read in a loop, the body by one recv(length): a short read is taken for the body.
import hashlib

from serve import exactly, serve


def handle(connection):
    while True:
        header = exactly(connection, 8)
        if header is None:
            return
        body = connection.recv(int(header, 16))
        connection.sendall(hashlib.md5(body).hexdigest().encode() + b"\n")


serve(handle)
