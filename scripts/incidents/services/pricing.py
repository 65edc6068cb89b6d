"""pricing: the price of some grams of a tea, kept in Redis for a while.

    pricing.py PORT REDIS_PORT
"""

import json
import logging
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import redis

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("pricing")
cache = redis.Redis(port=int(sys.argv[2]), socket_timeout=2)


def price(tea, grams):
    kept = cache.get(f"price:{tea}")
    if kept is None:
        time.sleep(random.uniform(0.01, 0.06))
        kept = 3 + tea * 7 % 11
        cache.set(f"price:{tea}", kept, ex=20)
        log.info("computed price of tea %d: %d cents a gram", tea, kept)
    return int(kept) * grams


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        query = parse_qs(urlparse(self.path).query)
        try:
            tea, grams = int(query["tea"][0]), int(query["grams"][0])
            if tea % 13 == 0:
                log.warning("tea %d has no harvest year, pricing it as of this year", tea)
            body, status = json.dumps({"cents": price(tea, grams)}).encode(), 200
        except Exception:
            log.exception("cannot price %s", self.path)
            body, status = b"{}", 500
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


log.info("pricing 2.7.1 listening on 127.0.0.1:%s", sys.argv[1])
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
