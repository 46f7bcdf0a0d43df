"""A payment host after ISO 8583: it answers network requests (0800) and authorisations (0100).

Messages are ASCII with a primary bitmap in hex. How their length is written is the second argument:
binary (two bytes, big-endian), digits (four decimal digits) or bcd (two bytes). What it writes goes
in pieces of a few bytes.
"""

import socket
import sys

# Of each field that is used here: how many digits of length stand in front of it, and its length.
FIELDS = {2: (2, 19), 3: (0, 6), 4: (0, 12), 7: (0, 10), 11: (0, 6), 39: (0, 2), 63: (3, 999)}


def unpack(message):
    kind, bitmap, rest = message[:4], int(message[4:20], 16), message[20:]
    fields = {}
    for number in range(1, 65):
        if not bitmap >> (64 - number) & 1:
            continue
        prefix, length = FIELDS[number]
        if prefix:
            length = int(rest[:prefix])
        fields[number] = rest[prefix : prefix + length]
        if len(fields[number]) != length:
            raise ValueError(f"field {number} is cut")
        rest = rest[prefix + length :]
    if rest:
        raise ValueError("bytes behind the last field")
    return kind, fields


def pack(kind, fields):
    bitmap = sum(1 << (64 - number) for number in fields)
    body = ""
    for number in sorted(fields):
        prefix, _ = FIELDS[number]
        body += (f"{len(fields[number]):0{prefix}d}" if prefix else "") + fields[number]
    return f"{kind}{bitmap:016X}{body}"


def read(stream, style):
    width = 4 if style == "digits" else 2
    head = stream.read(width)
    if not head:
        return None
    if style == "digits":
        length = int(head)
    elif style == "bcd":
        length = int(head.hex())
    else:
        length = int.from_bytes(head, "big")
    message = stream.read(length)
    if len(message) != length:
        raise EOFError("a message is cut")
    return message.decode("ascii")


def framed(message, style):
    length = len(message)
    if style == "digits":
        head = f"{length:04d}".encode()
    elif style == "bcd":
        head = bytes.fromhex(f"{length:04d}")
    else:
        head = length.to_bytes(2, "big")
    return head + message.encode("ascii")


def answer(message):
    kind, fields = unpack(message)
    # The digit in the middle is the function: a request becomes its response.
    return pack(kind[:2] + "10", {**fields, 39: "00" if kind in ("0800", "0100") else "12"})


def main(port, style):
    with socket.create_server(("127.0.0.1", int(port))) as server:
        while True:
            connection, _ = server.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rb") as stream:
                while (message := read(stream, style)) is not None:
                    out = framed(answer(message), style)
                    for at in range(0, len(out), 7):
                        connection.sendall(out[at : at + 7])


main(*sys.argv[1:])
