# RIGHT: a lock-step protocol. Bytes that come before the answer was sent are a violation, and end it.
import select
import time

from serve import serve


def handle(connection):
    buffer = b""
    while True:
        chunk = connection.recv(1024)
        if not chunk:
            return
        buffer += chunk
        if b"\n" not in buffer:
            continue
        line, buffer = buffer.split(b"\n", 1)
        time.sleep(0.01)
        if buffer or select.select([connection], [], [], 0)[0]:
            connection.sendall(b"503 speak when you are asked\n")
            return
        connection.sendall(b"250 %s\n" % line.lower())


serve(handle)
