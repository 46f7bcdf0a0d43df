# BROKEN: reads until the empty line, and takes what has come behind it for the body.
from serve import serve


def handle(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        chunk = connection.recv(4096)
        if not chunk:
            return
        request += chunk
    head, body = request.split(b"\r\n\r\n", 1)
    method, path, _ = head.split(b"\r\n")[0].split(b" ")
    reply = b"%s %s got %d bytes: %s" % (method, path, len(body), body)
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(reply), reply))


serve(handle)
