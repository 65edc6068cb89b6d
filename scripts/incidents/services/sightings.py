"""sightings: where a bird was seen; the answers are kept in memcached, else worked out anew by MariaDB.

    sightings.py PORT MEMCACHED_PORT MARIADB_PORT
"""

import logging
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql
from pymemcache.client.base import Client

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s.%(msecs)03dZ %(levelname)-7s [%(threadName)s] %(module)s.%(funcName)s:%(lineno)d %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")
log = logging.getLogger("sightings")
rooms = threading.BoundedSemaphore(1)
hits = misses = 0
report = "SELECT COUNT(*) FROM seen a JOIN seen b ON a.place = b.place AND a.day < b.day WHERE a.bird = %s"


def work_out(bird):
    if not rooms.acquire(timeout=4):
        raise TimeoutError("no turn at the database within 4 s")
    try:
        db = pymysql.connect(port=int(sys.argv[3]), user="app", password="flour", database="shop", read_timeout=15)
        with db.cursor() as cur:
            cur.execute(report, (bird,))
            (count,) = cur.fetchone()
        db.close()
        return count
    finally:
        rooms.release()


def find(bird):
    global hits, misses
    cache = Client(("127.0.0.1", int(sys.argv[2])), connect_timeout=1, timeout=1)
    kept = cache.get(f"bird:{bird}")
    if kept:
        hits += 1
    else:
        misses += 1
        kept = f"{work_out(bird)};".encode() + b"map " * 60_000
        cache.set(f"bird:{bird}", kept, expire=300)
    cache.close()
    return kept.split(b";")[0]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        bird, start = int(self.path.rsplit("/", 1)[1]), time.monotonic()
        try:
            body, status = find(bird), 200
            log.info("bird=%d pairs=%s took=%.3fs", bird, body.decode(), time.monotonic() - start)
            if bird % 20 == 0:
                log.warning("bird=%d has two Latin names", bird)
        except Exception as e:
            log.error("bird=%d %s: %s", bird, type(e).__name__, e)
            body, status = b"", 503
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


def tell():
    while True:
        time.sleep(10)
        log.info("cache: %d hits, %d misses", hits, misses)


threading.Thread(target=tell, name="tell", daemon=True).start()
log.info("listening on %s", sys.argv[1])
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
