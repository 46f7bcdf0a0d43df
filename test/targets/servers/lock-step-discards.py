# RIGHT: a console that throws away what was typed before its prompt, as getty and many instruments do.
import time

from serve import serve


def handle(connection):
    buffer = b""
    connection.sendall(b"> ")
    while True:
        chunk = connection.recv(1024)
        if not chunk:
            return
        buffer += chunk
        if b"\n" not in buffer:
            continue
        line = buffer.split(b"\n", 1)[0]
        time.sleep(0.02)
        connection.setblocking(False)
        try:
            while connection.recv(1024):
                pass
        except BlockingIOError:
            pass
        connection.setblocking(True)
        buffer = b""
        connection.sendall(b"%d characters\n> " % len(line))


serve(handle)
