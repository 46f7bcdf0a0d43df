# BROKEN: devices send a zero byte as a heartbeat; a chunk of one zero byte is taken for one, also when it
# is the first byte of a length.
import struct

from serve import serve

HEARTBEAT = b"\0"


def handle(connection):
    buffer = b""
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        if chunk == HEARTBEAT:
            continue
        buffer += chunk
        while len(buffer) >= 2:
            (length,) = struct.unpack(">H", buffer[:2])
            if len(buffer) < 2 + length:
                break
            reading, buffer = buffer[2 : 2 + length], buffer[2 + length :]
            connection.sendall(b"stored %d: %s\n" % (length, reading.hex().encode()))


serve(handle)
