"""What the Python programs here share: reading exactly, the two wire formats, and listening.

Written as Python people write it, with struct and json of the standard library; it knows nothing of the
package that it is used to test.
"""

import hashlib
import json
import socket
import ssl
import struct
import sys
import threading


def receive_exactly(connection, length):
    parts = []
    while length > 0:
        chunk = connection.recv(min(length, 65536))
        if not chunk:
            raise EOFError
        parts.append(chunk)
        length -= len(chunk)
    return b"".join(parts)


def send_frame(connection, payload):
    # One write: after a second one, Nagle and delayed acknowledgements would hold each frame for 40 ms.
    connection.sendall(struct.pack(">I", len(payload)) + payload)


def receive_frame(connection):
    (length,) = struct.unpack(">I", receive_exactly(connection, 4))
    return receive_exactly(connection, length)


def pack_message(filename, body, ensure_ascii=True):
    """The course's: native int, JSON header, body. ensure_ascii=False writes 中文 as UTF-8."""
    header = {"filename": filename, "md5": md5(body), "total_size": len(body)}
    header_json = json.dumps(header, ensure_ascii=ensure_ascii).encode("utf-8")
    return struct.pack("i", len(header_json)) + header_json + body


def receive_message(connection):
    (length,) = struct.unpack("i", receive_exactly(connection, 4))
    header = json.loads(receive_exactly(connection, length).decode("utf-8"))
    return header, receive_exactly(connection, header["total_size"])


def md5(body):
    return hashlib.md5(body).hexdigest()


def send_in_pieces(connection, content, size):
    """Many small writes, each sent at once."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for at in range(0, len(content), size):
        connection.sendall(content[at : at + size])


def serve(handle):
    """Usage: program PORT [certificate.pem]. One thread a connection, until the process is ended."""
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    while True:
        connection, _ = server.accept()
        threading.Thread(target=attend, args=(handle, connection), daemon=True).start()


def attend(handle, connection):
    try:
        with secured(connection, server_side=True) as stream:
            while True:
                handle(stream)
    except (EOFError, OSError):
        return  # The client has ended, or was only looking whether somebody listens.


def connect():
    """Usage: program PORT [certificate.pem]."""
    return secured(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_side=False)


def secured(connection, server_side):
    if len(sys.argv) < 3:
        return connection
    if server_side:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2])
        return context.wrap_socket(connection, server_side=True)
    context = ssl.create_default_context(cafile=sys.argv[2])
    return context.wrap_socket(connection, server_hostname="localhost")
