# BROKEN: takes telnet commands (IAC and two bytes) out of each chunk. A command that is cut leaves its parts in the
# line.
import re

from serve import serve


def handle(connection):
    line = b""
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        line += re.sub(rb"\xff[\xfb-\xfe].", b"", chunk, flags=re.DOTALL)
        while b"\r\n" in line:
            command, line = line.split(b"\r\n", 1)
            connection.sendall(b"you said " + command + b"\r\n")


serve(handle)
