# BROKEN: strips each chunk; a space at either edge of one is lost.
from serve import serve


def handle(connection):
    text = ""
    while True:
        chunk = connection.recv(1024)
        if not chunk:
            return
        text += chunk.decode("latin-1").strip()
        while ";" in text:
            statement, text = text.split(";", 1)
            words = statement.split()
            connection.sendall(f"{len(words)} words: {'/'.join(words)}\n".encode("latin-1"))


serve(handle)
