"""Prints, in hex, the bytes of one message as the course writes them, with JSON without spaces."""

import json
import struct
import sys

filename, md5, body = sys.argv[1], sys.argv[2], sys.argv[3].encode()
header = {"filename": filename, "md5": md5, "total_size": len(body)}
header_json = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
print((struct.pack("i", len(header_json)) + header_json + body).hex())
