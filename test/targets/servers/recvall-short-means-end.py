# BROKEN: the recvall() of many an answer on the web: a part shorter than the buffer means the end.
import zlib

from serve import serve

BUFFER_SIZE = 4096


def recvall(connection):
    data = b""
    while True:
        part = connection.recv(BUFFER_SIZE)
        data += part
        if len(part) < BUFFER_SIZE:
            return data


def handle(connection):
    while True:
        data = recvall(connection)
        if not data:
            return
        connection.sendall(b"%d bytes, crc %08x\n" % (len(data), zlib.crc32(data)))


serve(handle)
