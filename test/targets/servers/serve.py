"""What the Python servers share: a listener on the port of the first argument, a thread a connection."""

import socket
import sys
import threading


def listen():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen(64)
    return listener


def run(handle, connection):
    try:
        handle(connection)
    except OSError:
        pass
    finally:
        connection.close()


def serve(handle):
    listener = listen()
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=run, args=(handle, connection), daemon=True).start()


def exactly(connection, length):
    """The next bytes, in a loop; None when the connection ends before."""
    data = b""
    while len(data) < length:
        chunk = connection.recv(length - len(data))
        if not chunk:
            return None
        data += chunk
    return data
