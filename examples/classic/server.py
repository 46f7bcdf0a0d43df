"""The remote command server of the course, as the course writes it: struct.pack('i', ...), a JSON header,
the output. Only the port comes from the command line, and is printed."""

import hashlib
import json
import socket
import struct
import subprocess
import sys

phone = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
phone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
phone.bind(("127.0.0.1", int(sys.argv[1])))
phone.listen(5)
print("listening on 127.0.0.1:%d" % phone.getsockname()[1], flush=True)

while True:
    conn, addr = phone.accept()
    while True:
        try:
            cmd = conn.recv(8096)
            if not cmd:
                break
            obj = subprocess.Popen(
                cmd.decode("utf-8"), shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            stdout, stderr = obj.communicate()

            header_dic = {
                "filename": "a.txt",
                "md5": hashlib.md5(stdout + stderr).hexdigest(),
                "total_size": len(stdout) + len(stderr),
            }
            header_json = json.dumps(header_dic)
            header_bytes = header_json.encode("utf-8")

            conn.send(struct.pack("i", len(header_bytes)))
            conn.send(header_bytes)
            conn.send(stdout)
            conn.send(stderr)
        except (ConnectionResetError, BrokenPipeError):
            break
    conn.close()
