"""BROKEN: a command is looked up after every read, the longest name first. GETALL is recognised when it is there
whole; cut behind GET it is the command GET, and ALL is none."""

from serve import serve

COMMANDS = [b"GETALL", b"GET", b"PUT"]


def handle(connection):
    rest = b""
    while True:
        data = connection.recv(65536)
        if not data:
            return
        rest += data
        while rest:
            rest = rest.lstrip(b";")
            name = next((each for each in COMMANDS if rest.startswith(each)), None)
            if name is None:
                if any(each.startswith(rest) for each in COMMANDS):
                    break
                connection.sendall(b"what?\n")
                rest = rest.partition(b";")[2]
                continue
            connection.sendall(b"did " + name + b"\n")
            rest = rest[len(name):]


serve(handle)
