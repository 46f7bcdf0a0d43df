# RIGHT: decodes whole groups of four characters and carries the rest into the next chunk.
import base64
import hashlib

from serve import serve


def handle(connection):
    digest = hashlib.sha1()
    carry = b""
    while True:
        chunk = connection.recv(8192)
        if not chunk:
            return
        for part in chunk.splitlines(keepends=True):
            text = carry + part.strip()
            whole = len(text) - len(text) % 4
            digest.update(base64.b64decode(text[:whole]))
            carry = text[whole:]
            if part.endswith(b"\n"):
                connection.sendall(digest.hexdigest().encode() + b"\r\n")
                digest, carry = hashlib.sha1(), b""


serve(handle)
