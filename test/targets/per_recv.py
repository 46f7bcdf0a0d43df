"""Answers every recv(), however little it brought."""

from listen import serve


def handle(connection):
    while connection.recv(65536):
        connection.sendall(b"ok\n")


serve(handle)
