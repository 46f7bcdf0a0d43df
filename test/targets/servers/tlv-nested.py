# RIGHT: waits for the whole outer element before it looks inside.
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
            end = 4 + int.from_bytes(buffer[2:4], "big")
            if len(buffer) < end:
                break
            inner = list(elements(buffer[4:end]))
            buffer = buffer[end:]
            text = " ".join(f"{kind}:{value.hex()}" for kind, value in inner)
            connection.sendall(f"{len(inner)} [{text}]\n".encode())


serve(handle)
