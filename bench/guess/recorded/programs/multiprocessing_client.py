"""A client of a Listener of multiprocessing: PORT OBJECTS."""

import sys
from multiprocessing.connection import Client

with Client(("127.0.0.1", int(sys.argv[1])), authkey=b"secret") as connection:
    for number in range(int(sys.argv[2])):
        connection.send({"number": number, "text": "text " * (number % 90)})
        print(connection.recv())
