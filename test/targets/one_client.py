"""The course's second server: it accepts one client, serves it rightly, and ends."""

import socket
import struct
import sys


def receive_exactly(connection, length):
    parts = b""
    while len(parts) < length:
        chunk = connection.recv(length - len(parts))
        if not chunk:
            sys.exit(0)
        parts += chunk
    return parts


server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
connection, _ = server.accept()
while True:
    (length,) = struct.unpack(">I", receive_exactly(connection, 4))
    connection.sendall(struct.pack(">I", length) + receive_exactly(connection, length))
