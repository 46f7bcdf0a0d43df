# RIGHT: rests 30 ms after every read.
import time

from serve import serve


def handle(connection):
    buffer = b""
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        time.sleep(0.03)
        buffer += chunk
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            connection.sendall(b"%d vowels\n" % sum(line.count(vowel) for vowel in b"aeiou"))


serve(handle)
