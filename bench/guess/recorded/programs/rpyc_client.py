"""A client of RPyC that calls what the server imports: PORT CALLS."""

import sys

import rpyc

connection = rpyc.classic.connect("127.0.0.1", int(sys.argv[1]))
for number in range(int(sys.argv[2])):
    print(connection.modules.math.sqrt(number), connection.modules.os.path.join("a", "b" * number))
print(connection.eval("[n * n for n in range(%d)]" % int(sys.argv[2])))
connection.close()
