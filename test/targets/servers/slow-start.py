# RIGHT: loads its data for two seconds before it listens.
import time

from serve import serve

time.sleep(2)


def handle(connection):
    with connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"%d\n" % sum(int(word) for word in line.split()))


serve(handle)
