"""The course's client: sends files, and checks that copies come back, in order."""

import os
import struct
import threading

from wire import connect, md5, pack_message, receive_message, send_in_pieces

files = [
    ("a.txt", b"hello"),
    ("空.txt", b""),
    ("世界 🌍.txt", "你好，世界".encode()),
    ("lengths.bin", struct.pack("i", 10) * 100),
    ("large.bin", os.urandom(3_000_001)),
    ("", b"no name"),
]


def send_all(connection):
    for at, (filename, body) in enumerate(files):
        connection.sendall(pack_message(filename, body, at % 2 == 0))
    for filename, body in files[:4]:
        send_in_pieces(connection, pack_message(filename, body, False), 3)


with connect() as connection:
    threading.Thread(target=send_all, args=(connection,)).start()
    for filename, body in files + files[:4]:
        header, copy = receive_message(connection)
        expected = {"filename": "副本-" + filename, "md5": md5(body), "total_size": len(body)}
        assert header == expected, (header, expected)
        assert copy == body, filename
    print(len(files) + 4)
