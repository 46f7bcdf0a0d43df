"""A client of AMQP 1.0 without SASL that sends messages and takes them back: PORT MESSAGES."""

import sys

from proton import Message
from proton.utils import BlockingConnection

url = "amqp://127.0.0.1:" + sys.argv[1]
connection = BlockingConnection(url, sasl_enabled=False)
sender = connection.create_sender("queue")
for number in range(int(sys.argv[2])):
    sender.send(Message(id=number, body="message %d " % number * (1 + number % 8)))
connection.close()
