# RIGHT: strips a byte order mark from the first line, when the line is complete.
import codecs

from serve import serve


def handle(connection):
    buffer = b""
    is_first = True
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        buffer += chunk
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            if is_first:
                line, is_first = line.removeprefix(codecs.BOM_UTF8), False
            fields = line.decode().split(",")
            connection.sendall(f"{len(fields)} fields, first {fields[0]!r}\n".encode())


serve(handle)
