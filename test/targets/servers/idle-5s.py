# RIGHT: a connection that is silent for five seconds in the middle of a request is told so and ended.
import socket

from serve import serve


def handle(connection):
    buffer = b""
    connection.settimeout(5)
    while True:
        try:
            chunk = connection.recv(1024)
        except socket.timeout:
            connection.sendall(b"408 idle\n")
            return
        if not chunk:
            return
        buffer += chunk
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            connection.sendall(b"200 %s\n" % line.title())


serve(handle)
