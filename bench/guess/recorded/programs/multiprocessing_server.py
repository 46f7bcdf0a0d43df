"""A Listener of multiprocessing that answers each object with a list of its items: PORT."""

import sys
from multiprocessing.connection import Listener

with Listener(("127.0.0.1", int(sys.argv[1])), authkey=b"secret") as listener:
    while True:
        try:
            with listener.accept() as connection:
                while True:
                    item = connection.recv()
                    connection.send([item["text"].upper()[: item["number"] * 3], *item.items()])
        except (EOFError, OSError):
            pass
