# BROKEN: takes what one recv() gives for one JSON request.
import json

from serve import serve


def handle(connection):
    while True:
        data = connection.recv(1024)
        if not data:
            return
        try:
            request = json.loads(data)
            reply = {"id": request["id"], "result": sum(request["numbers"])}
        except ValueError as error:
            reply = {"error": type(error).__name__}
        connection.sendall(json.dumps(reply).encode() + b"\n")


serve(handle)
