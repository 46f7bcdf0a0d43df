# RIGHT: a map from byte to byte needs no boundaries.
from serve import serve

LETTERS = b"abcdefghijklmnopqrstuvwxyz"
ROT13 = bytes.maketrans(LETTERS + LETTERS.upper(), LETTERS[13:] + LETTERS[:13] + (LETTERS[13:] + LETTERS[:13]).upper())


def handle(connection):
    while chunk := connection.recv(100):
        connection.sendall(chunk.translate(ROT13))


serve(handle)
