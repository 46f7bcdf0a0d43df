"""The course's first server: one recv() is taken for one message."""

from listen import serve


def handle(connection):
    while True:
        message = connection.recv(1024)
        if not message:
            return
        connection.sendall(b"got [" + message + b"]\n")


serve(handle)
