# RIGHT: sheds load: one request of eight, by chance, is told to come back later.
import random

from serve import serve


def handle(connection):
    with connection.makefile("rb") as lines:
        for line in lines:
            if random.random() < 1 / 8:
                connection.sendall(b"503 busy\n")
            else:
                connection.sendall(b"200 %d\n" % len(line.split()))


serve(handle)
