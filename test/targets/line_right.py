"""Lines: bytes are gathered until the newline, then decoded."""

from listen import serve


def handle(connection):
    pending = b""
    while True:
        chunk = connection.recv(65536)
        if not chunk:
            return
        pending += chunk
        while b"\n" in pending:
            line, pending = pending.split(b"\n", 1)
            text = line.decode("utf-8")
            connection.sendall(f"{len(text)} {text}\n".encode())


serve(handle)
