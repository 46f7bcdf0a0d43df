"""Lines, gathered rightly, but each chunk is decoded alone: a character on both sides of a cut is lost."""

from listen import serve


def handle(connection):
    text = ""
    while True:
        chunk = connection.recv(65536)
        if not chunk:
            return
        text += chunk.decode("utf-8", errors="replace")
        while "\n" in text:
            line, text = text.split("\n", 1)
            connection.sendall(f"{len(line)} {line}\n".encode())


serve(handle)
