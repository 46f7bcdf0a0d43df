"""A native messaging host, as browsers start it: JSON behind a length of four bytes in native order."""

import json
import struct
import sys

while True:
    prefix = sys.stdin.buffer.read(4)
    if len(prefix) < 4:
        break
    (length,) = struct.unpack("=I", prefix)
    message = json.loads(sys.stdin.buffer.read(length))
    answer = json.dumps({"echo": message}).encode()
    sys.stdout.buffer.write(struct.pack("=I", len(answer)) + answer)
    sys.stdout.buffer.flush()
