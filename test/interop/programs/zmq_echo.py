"""A ZeroMQ pair that gives every message back, with as many parts as it has."""

import sys

import zmq

pair = zmq.Context().socket(zmq.PAIR)
pair.bind(f"tcp://127.0.0.1:{sys.argv[1]}")
while True:
    pair.send_multipart(pair.recv_multipart())
