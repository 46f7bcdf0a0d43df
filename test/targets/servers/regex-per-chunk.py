# BROKEN: looks for assignments in each chunk by itself; what is cut does not match, or matches too little.
import re

from serve import serve

ASSIGNMENT = re.compile(rb"(\w+)=(\w+);")


def handle(connection):
    while True:
        chunk = connection.recv(4096)
        if not chunk:
            return
        for name, value in ASSIGNMENT.findall(chunk):
            connection.sendall(b"%s is now %s\n" % (name, value))


serve(handle)
