# RIGHT: an incremental decoder keeps the bytes of a character that is not complete.
import codecs

from serve import serve


def handle(connection):
    decoder = codecs.getincrementaldecoder("utf-8")()
    text = ""
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        text += decoder.decode(chunk)
        while "\n" in text:
            line, text = text.split("\n", 1)
            connection.sendall(f"{len(line)} {line.title()}\n".encode())


serve(handle)
