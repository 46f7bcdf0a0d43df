"""Echo over multiprocessing.connection: `server PORT` answers, `client PORT` asks."""

import sys
import threading
from multiprocessing.connection import Client, Listener


def echo(connection):
    try:
        while True:
            connection.send_bytes(connection.recv_bytes())
    except (EOFError, ConnectionError):
        connection.close()


def serve(port):
    with Listener(("127.0.0.1", port)) as listener:
        while True:
            threading.Thread(target=echo, args=(listener.accept(),), daemon=True).start()


def ask(port):
    # Above 16 KiB length and bytes are separate writes.
    objects = [None, {"sticky": "粘包", "n": 2**70}, b"", "x" * 16_380, "y" * 16_390, list(range(100_000))]
    objects += [f"object {n}" for n in range(1000)]
    with Client(("127.0.0.1", port)) as connection:
        sender = threading.Thread(target=lambda: [connection.send(one) for one in objects])
        sender.start()
        for one in objects:
            assert connection.recv() == one
        sender.join()
    print(len(objects))


if __name__ == "__main__":
    {"server": serve, "client": ask}[sys.argv[1]](int(sys.argv[2]))
