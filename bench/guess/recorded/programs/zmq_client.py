"""A client of ZeroMQ that asks, and awaits an answer for each question: PORT QUESTIONS."""

import sys

import zmq

socket = zmq.Context().socket(zmq.REQ)
socket.connect("tcp://127.0.0.1:" + sys.argv[1])
for number in range(int(sys.argv[2])):
    socket.send(b"question %d " % number + b"?" * (number * 7 % 60))
    print(socket.recv())
