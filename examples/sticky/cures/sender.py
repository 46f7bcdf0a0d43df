"""Sends the messages of each trial as the course's programs do, one connection after the other."""

import json
import socket
import sys
import time

port, *trials = sys.argv[1:]
for trial in map(json.loads, trials):
    with socket.create_connection(("127.0.0.1", int(port))) as phone:
        phone.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, trial["noDelay"])
        for _ in range(trial["messages"]):
            phone.send(b"m" * trial["length"])
            if trial["sleep"]:
                time.sleep(trial["sleep"] / 1000)
        phone.shutdown(socket.SHUT_WR)
        phone.recv(1)  # Wait until the receiver has ended the connection, too.
