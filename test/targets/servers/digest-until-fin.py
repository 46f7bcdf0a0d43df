# RIGHT: reads until the client has ended its side, then answers with the digest of all.
import hashlib

from serve import serve


def handle(connection):
    digest = hashlib.sha256()
    while chunk := connection.recv(4096):
        digest.update(chunk)
    connection.sendall(digest.hexdigest().encode() + b"\n")


serve(handle)
