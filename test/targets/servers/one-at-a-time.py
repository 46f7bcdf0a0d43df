# RIGHT: serves one connection at a time; others wait in the queue of the listener.
from serve import listen, run


def handle(connection):
    with connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b" ".join(sorted(line.split())) + b"\n")


listener = listen()
while True:
    connection, _ = listener.accept()
    run(handle, connection)
