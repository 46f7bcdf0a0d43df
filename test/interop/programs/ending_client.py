"""Sends bytes to a server, reads to the end, and prints how the end looks and what came before it.

usage: ending_client.py PORT plain|tls HEX [READ_BUFFER]
With READ_BUFFER it does not read for two seconds, with a receive buffer of that many bytes."""

import socket
import ssl
import sys
import time

port, transport, content = int(sys.argv[1]), sys.argv[2], bytes.fromhex(sys.argv[3])
buffer = int(sys.argv[4]) if len(sys.argv) > 4 else 0

raw = socket.socket()
if buffer:
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
received = b""
try:
    raw.connect(("127.0.0.1", port))
    connection = raw
    if transport == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = context.wrap_socket(raw, suppress_ragged_eofs=False)
    if content:
        connection.sendall(content)
    if buffer:
        time.sleep(2)
    while True:
        chunk = connection.recv(65536)
        if not chunk:
            print("FIN", received[:64].hex())
            break
        received += chunk
except ssl.SSLEOFError:
    # Python's word for an end without close_notify, also where the kernel said ECONNRESET.
    print("TORN", received[:64].hex())
except ConnectionError:
    print("RST", received[:64].hex())
