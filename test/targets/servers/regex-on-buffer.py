# RIGHT: matches at the start of the buffer, and only what the semicolon ends.
import re

from serve import serve

ASSIGNMENT = re.compile(rb"\s*(\w+)=(\w+);")


def handle(connection):
    buffer = b""
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        buffer += chunk
        while match := ASSIGNMENT.match(buffer):
            connection.sendall(b"%s is now %s\n" % match.groups())
            buffer = buffer[match.end() :]


serve(handle)
