# RIGHT: HTTP/1.0 in spirit: one request, one answer, the end.
from serve import serve


def handle(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        chunk = connection.recv(512)
        if not chunk:
            return
        request += chunk
    names = [line.split(b":")[0] for line in request.split(b"\r\n")[1:-2]]
    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + b",".join(names) + b"\n")


serve(handle)
