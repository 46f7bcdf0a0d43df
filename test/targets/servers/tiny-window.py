"""RIGHT: the receive buffer is as small as the kernel allows, so a request of 60 KB comes in many reads however it
was sent, and a big piece is never in the queue as a whole."""

import socket

from serve import listen

listener = listen()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
while True:
    connection, _ = listener.accept()
    rest = b""
    try:
        while data := connection.recv(512):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                connection.sendall(b"%d %d\n" % (len(line), sum(line) % 9973))
    except OSError:
        pass
    connection.close()
