# RIGHT: forgets a half request after a minute; nobody who is alive is that slow.
import select

from serve import serve


def handle(connection):
    buffer = b""
    while True:
        if not select.select([connection], [], [], 60)[0]:
            buffer = b""
            continue
        chunk = connection.recv(256)
        if not chunk:
            return
        buffer += chunk
        while b";" in buffer:
            command, buffer = buffer.split(b";", 1)
            connection.sendall(command.strip().replace(b" ", b"_") + b";")


serve(handle)
