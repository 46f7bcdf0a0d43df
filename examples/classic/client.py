"""The remote command client of the course, as the course writes it. Its mistake is in two lines."""

import json
import socket
import struct
import sys

phone = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
phone.connect(("127.0.0.1", int(sys.argv[1])))

while True:
    cmd = input(">>: ").strip()
    if not cmd:
        continue  # An empty command would be 0 bytes: both sides would wait in recv.
    if cmd == "quit":
        break
    phone.send(cmd.encode("utf-8"))

    obj = phone.recv(4)  # The mistake: recv may return fewer than 4 bytes.
    header_size = struct.unpack("i", obj)[0]
    header_bytes = phone.recv(header_size)  # The same mistake: recv may return fewer bytes.
    header_dic = json.loads(header_bytes.decode("utf-8"))
    total_size = header_dic["total_size"]

    recv_size = 0
    recv_data = b""
    while recv_size < total_size:
        res = phone.recv(1024)
        recv_data += res
        recv_size += len(res)
    print(recv_data.decode("utf-8"), flush=True)

phone.close()
