# RIGHT: a job of 150 ms is cancelled when its client ends the connection, FIN included, as proxies do.
import select

from serve import serve


def handle(connection):
    buffer = b""
    while True:
        chunk = connection.recv(1024)
        if not chunk:
            return
        buffer += chunk
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            left = select.select([connection], [], [], 0.15)[0]
            if left:
                more = connection.recv(1024)
                if not more:
                    return
                buffer += more
            connection.sendall(b"report for %s\n" % line)


serve(handle)
