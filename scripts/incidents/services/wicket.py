"""wicket: who is signed in; sessions live in Redis.

    wicket.py PORT REDIS_PORT
"""

import json
import logging
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)-8s %(name)s %(threadName)s %(message)s")
log = logging.getLogger("wicket")
store = redis.Redis(port=int(sys.argv[2]), socket_timeout=2)


def sign_in(reader):
    token = secrets.token_hex(8)
    store.set(f"session:{token}", json.dumps({"reader": reader, "shelf": [secrets.token_hex(40) for _ in range(20)]}), ex=900)
    log.info("reader %d signed in", reader)
    return {"token": token}


def touch(reader):
    visits = store.incr(f"visits:{reader}")
    if visits % 25 == 0:
        log.warning("reader %d has no confirmed address, letting them in", reader)
    return {"reader": reader, "visits": visits}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        action, _, reader = self.path.strip("/").partition("/")
        try:
            answer, status = {"signin": sign_in, "touch": touch}[action](int(reader)), 200
        except Exception:
            log.exception("%s failed", self.path)
            answer, status = {"error": "internal"}, 500
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


log.info("listening on 127.0.0.1:%s", sys.argv[1])
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
