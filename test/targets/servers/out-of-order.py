# RIGHT: jobs run side by side and answer when they are done, each with its id; clients match the ids.
import json
import threading
import time

from serve import serve


def handle(connection):
    lock = threading.Lock()

    def work(job):
        time.sleep(job["ms"] / 1000)
        with lock:
            connection.sendall(json.dumps({"id": job["id"], "done": True}).encode() + b"\n")

    with connection.makefile("rb") as lines:
        threads = []
        for line in lines:
            threads.append(threading.Thread(target=work, args=(json.loads(line),), daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join()


serve(handle)
