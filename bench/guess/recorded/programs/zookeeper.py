"""A client of ZooKeeper that makes, reads and changes some nodes: PORT NODES."""

import logging
import sys

from kazoo.client import KazooClient

logging.basicConfig()
client = KazooClient(hosts="127.0.0.1:" + sys.argv[1])
client.start()
count = int(sys.argv[2])
client.ensure_path("/unstick/of-%d" % count)
for number in range(count):
    path = client.create("/unstick/of-%d/node" % count, b"value %d " % number * number, sequence=True)
    value, stat = client.get(path)
    if number % 3 == 0:
        client.set(path, value + b"changed", version=stat.version)
print(client.get_children("/unstick/of-%d" % count))
client.stop()
