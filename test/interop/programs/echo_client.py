"""Sends frames to an echo server and checks that each comes back: over TCP all at once, while it reads;
over TLS one after the other, as Python's TLS is not for two threads at a time."""

import os
import socket
import ssl
import struct
import threading

from wire import connect, receive_frame, send_frame, send_in_pieces

frames = [b"", "粘包，半包".encode(), b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)), b""]
frames += [os.urandom(1 << 20)] + [b"%d" % number for number in range(1000)]
cut = [b"", "黏包".encode(), b"x" * 300]


def send_all(connection):
    for frame in frames:
        send_frame(connection, frame)
    content = b"".join(struct.pack(">I", len(frame)) + frame for frame in cut)
    send_in_pieces(connection, content, 1)


def check(connection, frame):
    answer = receive_frame(connection)
    assert answer == frame, (answer[:40], frame[:40])


def check_end(connection):
    connection.shutdown(socket.SHUT_WR)
    assert connection.recv(1) == b"", "something came after the last answer"


with connect() as connection:
    if isinstance(connection, ssl.SSLSocket):
        for frame in frames:
            send_frame(connection, frame)
            check(connection, frame)
        print(len(frames))
    else:
        threading.Thread(target=send_all, args=(connection,)).start()
        for frame in frames + cut:
            check(connection, frame)
        check_end(connection)
        print(len(frames + cut))
