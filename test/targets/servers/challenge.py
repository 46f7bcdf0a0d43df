# RIGHT: greets with a random challenge, as CRAM-MD5 and MySQL do; no two connections get the same bytes.
import os

from serve import serve


def handle(connection):
    connection.sendall(b"+OK <%s@localhost>\r\n" % os.urandom(8).hex().encode())
    with connection.makefile("rb") as lines:
        for line in lines:
            connection.sendall(b"-ERR no such mailbox: %s\r\n" % line.strip())


serve(handle)
