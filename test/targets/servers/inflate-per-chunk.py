# BROKEN: decompresses the part that a recv() gave as if it were the whole stream.
import struct
import zlib

from serve import exactly, serve


def handle(connection):
    while True:
        header = exactly(connection, 4)
        if header is None:
            return
        missing = struct.unpack("<I", header)[0]
        text = b""
        try:
            while missing > 0:
                part = connection.recv(missing)
                if not part:
                    return
                missing -= len(part)
                text += zlib.decompress(part)
        except zlib.error:
            connection.sendall(b"-ERR corrupt\n")
            return
        connection.sendall(b"+OK %d words\n" % len(text.split()))


serve(handle)
