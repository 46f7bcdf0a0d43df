"""Connects, sends bytes, and prints how the other side ends: FIN or RST, how many bytes came, and their
SHA-256.

usage: watching_client.py PORT HEX read|end|reset|late
read reads to the end; end shuts its own half down first; reset resets; late reads nothing before the
other side has ended or two seconds have passed, and has a small receive buffer."""

import hashlib
import socket
import struct
import sys
import time

port, content, manner = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3]

connection = socket.socket()
if manner == "late":
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
connection.connect(("127.0.0.1", port))
received = hashlib.sha256()
length = 0
end = "FIN"
try:
    connection.sendall(content)
    if manner == "end":
        connection.shutdown(socket.SHUT_WR)
    if manner == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        print("gone")
        sys.exit()
    if manner == "late":
        time.sleep(2)
    while True:
        chunk = connection.recv(65536)
        if not chunk:
            break
        received.update(chunk)
        length += len(chunk)
except ConnectionError:
    end = "RST"
print(end, length, received.hexdigest() if end == "FIN" else "")
