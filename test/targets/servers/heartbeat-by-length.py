# RIGHT: a heartbeat is a frame of length zero, in its place between frames.
import struct

from serve import serve


def handle(connection):
    buffer = b""
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        buffer += chunk
        while len(buffer) >= 2:
            (length,) = struct.unpack(">H", buffer[:2])
            if len(buffer) < 2 + length:
                break
            reading, buffer = buffer[2 : 2 + length], buffer[2 + length :]
            if length > 0:
                connection.sendall(b"stored %d: %s\n" % (length, reading.hex().encode()))


serve(handle)
