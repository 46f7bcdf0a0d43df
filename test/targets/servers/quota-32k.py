# RIGHT: takes 32 KiB on a connection, says so and ends it, however the bytes come.
from serve import serve


def handle(connection):
    rest, taken = b"", 0
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        for at in range(len(chunk)):
            taken += 1
            rest += chunk[at : at + 1]
            if rest.endswith(b"\n"):
                connection.sendall(rest.upper())
                rest = b""
            if taken == 32768:
                connection.sendall(b"quota\n")
                return


serve(handle)
