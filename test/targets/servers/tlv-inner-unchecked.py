# BROKEN: waits for the header of the outer element, then slices the inner ones out of what is there:
# a slice behind the end of the buffer is shorter, and Python does not say so.
from serve import serve


def elements(data):
    while len(data) >= 2:
        kind, length = data[0], data[1]
        yield kind, data[2 : 2 + length]
        data = data[2 + length :]


def handle(connection):
    buffer = b""
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        buffer += chunk
        while len(buffer) >= 4:
            length = int.from_bytes(buffer[2:4], "big")
            inner = list(elements(buffer[4 : 4 + length]))
            buffer = buffer[4 + length :]
            text = " ".join(f"{kind}:{value.hex()}" for kind, value in inner)
            connection.sendall(f"{len(inner)} [{text}]\n".encode())


serve(handle)
