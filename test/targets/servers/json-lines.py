# RIGHT: collects bytes until a newline, then parses the line.
import json

from serve import serve


def handle(connection):
    buffer = b""
    while True:
        data = connection.recv(1024)
        if not data:
            return
        buffer += data
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            request = json.loads(line)
            reply = {"id": request["id"], "result": sum(request["numbers"])}
            connection.sendall(json.dumps(reply).encode() + b"\n")


serve(handle)
