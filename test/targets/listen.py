"""What all targets share: one thread a connection, on 127.0.0.1 at the port given as the argument."""

import socket
import sys
import threading


def serve(handle):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", int(sys.argv[1])))
    server.listen(64)
    # Port 0 asks for any; the line says which.
    print(server.getsockname()[1], flush=True)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=run, args=(handle, connection), daemon=True).start()


def run(handle, connection):
    with connection:
        handle(connection)
