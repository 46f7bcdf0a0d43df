# BROKEN: on a timeout of 300 ms its read-exactly returns what there is, and the caller takes it for all.
import socket
import struct

from serve import serve


def read(connection, length):
    data = b""
    try:
        while len(data) < length:
            connection.settimeout(0.3 if data else None)
            part = connection.recv(length - len(data))
            if not part:
                return None
            data += part
    except socket.timeout:
        pass
    return data


def handle(connection):
    while True:
        header = read(connection, 4)
        if header is None:
            return
        length = struct.unpack(">I", header.rjust(4, b"\0"))[0]
        body = read(connection, min(length, 1000))
        if body is None:
            return
        connection.sendall(b"%d:%s\n" % (len(body), body.hex().encode()))


serve(handle)
