# RIGHT, though it looks wrong: it answers only when the buffer ends with CRLF, and then every line of it.
from serve import serve


def handle(connection):
    buffer = bytearray()
    while True:
        chunk = connection.recv(2048)
        if not chunk:
            return
        buffer += chunk
        if buffer.endswith(b"\r\n"):
            for line in bytes(buffer).split(b"\r\n")[:-1]:
                connection.sendall(b"echo " + line + b"\r\n")
            buffer.clear()


serve(handle)
