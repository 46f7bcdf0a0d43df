# BROKEN: strips a byte order mark from the first chunk only when the chunk holds all three bytes of it.
import codecs

from serve import serve


def handle(connection):
    buffer = connection.recv(4096)
    if buffer.startswith(codecs.BOM_UTF8):
        buffer = buffer[3:]
    while True:
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            fields = line.decode().split(",")
            connection.sendall(f"{len(fields)} fields, first {fields[0]!r}\n".encode())
        chunk = connection.recv(4096)
        if not chunk:
            return
        buffer += chunk


serve(handle)
