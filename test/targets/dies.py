"""The length by one recv(4); when that brings fewer, the whole process ends, as servers without threads do."""

import os
import struct
import sys

from listen import serve


def handle(connection):
    while True:
        header = connection.recv(4)
        if not header:
            return
        if len(header) < 4:
            print("struct.error: unpack requires a buffer of 4 bytes", file=sys.stderr, flush=True)
            os._exit(1)
        (length,) = struct.unpack(">I", header)
        body = b""
        while len(body) < length:
            chunk = connection.recv(length - len(body))
            if not chunk:
                return
            body += chunk
        connection.sendall(struct.pack(">I", len(body)) + body.upper())


serve(handle)
