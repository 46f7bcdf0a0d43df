# RIGHT: one decompressobj for each message is fed whatever arrives.
import struct
import zlib

from serve import exactly, serve


def handle(connection):
    while True:
        header = exactly(connection, 4)
        if header is None:
            return
        missing = struct.unpack("<I", header)[0]
        inflate = zlib.decompressobj()
        text = b""
        while missing > 0:
            part = connection.recv(min(missing, 100))
            if not part:
                return
            missing -= len(part)
            text += inflate.decompress(part)
        text += inflate.flush()
        connection.sendall(b"+OK %d words\n" % len(text.split()))


serve(handle)
