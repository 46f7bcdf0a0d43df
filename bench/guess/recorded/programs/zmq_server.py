"""A server of ZeroMQ that answers in capitals, with more or fewer bytes: PORT."""

import sys

import zmq

socket = zmq.Context().socket(zmq.REP)
socket.bind("tcp://127.0.0.1:" + sys.argv[1])
while True:
    text = socket.recv()
    socket.send(text.upper() + b"!" * (len(text) % 11))
