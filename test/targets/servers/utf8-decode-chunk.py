# BROKEN: decodes each chunk by itself; a character that is cut raises UnicodeDecodeError.
from serve import serve


def handle(connection):
    text = ""
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        try:
            text += chunk.decode("utf-8")
        except UnicodeDecodeError:
            connection.sendall(b"bad encoding\n")
            return
        while "\n" in text:
            line, text = text.split("\n", 1)
            connection.sendall(f"{len(line)} {line.title()}\n".encode())


serve(handle)
