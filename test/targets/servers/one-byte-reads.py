# RIGHT: reads one byte at a time.
import binascii

from serve import serve


def handle(connection):
    line = bytearray()
    while byte := connection.recv(1):
        if byte == b"\n":
            connection.sendall(b"%08x\n" % binascii.crc32(line))
            line.clear()
        else:
            line += byte


serve(handle)
