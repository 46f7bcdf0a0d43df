# RIGHT: the bytes go back as they came; where a recv() cut them does not matter.
from serve import serve


def handle(connection):
    while chunk := connection.recv(1024):
        connection.sendall(chunk)


serve(handle)
