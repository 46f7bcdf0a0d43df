# BROKEN: looks for CRLF at the end of the newest chunk, not of the buffer; CR | LF is never an end.
from serve import serve


def handle(connection):
    chunks = []
    while True:
        chunk = connection.recv(2048)
        if not chunk:
            return
        chunks.append(chunk)
        if chunk.endswith(b"\r\n"):
            for line in b"".join(chunks).split(b"\r\n")[:-1]:
                connection.sendall(b"echo " + line + b"\r\n")
            chunks = []


serve(handle)
