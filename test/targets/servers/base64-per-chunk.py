# BROKEN: an upload in base64 is decoded chunk by chunk; a chunk is seldom a multiple of four characters.
import base64
import hashlib

from serve import serve


def handle(connection):
    digest = hashlib.sha1()
    while True:
        chunk = connection.recv(8192)
        if not chunk:
            return
        for part in chunk.splitlines(keepends=True):
            try:
                digest.update(base64.b64decode(part.strip()))
            except ValueError:
                connection.sendall(b"550 not base64\r\n")
                return
            if part.endswith(b"\n"):
                connection.sendall(digest.hexdigest().encode() + b"\r\n")
                digest = hashlib.sha1()


serve(handle)
