# RIGHT: a reader and a worker with a queue of four lines between them. While it is full the reader does not read, so
# that a client that sends ahead is slowed down by TCP.
import queue
import threading
import time

from serve import serve


def work(connection, lines):
    while (line := lines.get()) is not None:
        time.sleep(0.002)
        try:
            connection.sendall(line[::-1] + b"\n")
        except OSError:
            return


def handle(connection):
    lines = queue.Queue(4)
    worker = threading.Thread(target=work, args=(connection, lines), daemon=True)
    worker.start()
    rest = b""
    while chunk := connection.recv(64):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            lines.put(line)
    lines.put(None)
    worker.join()


serve(handle)
