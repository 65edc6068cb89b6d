"""domepass: gives out passes (JWT) for the domes, good for five minutes.

    domepass.py PORT
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import structlog

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
    ]
)
log = structlog.get_logger()
count = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        global count
        count += 1
        who = self.path.rsplit("/", 1)[1]
        now = int(time.time())
        body = jwt.encode({"sub": who, "iat": now, "nbf": now, "exp": now + 300}, "a key of the exam").encode()
        log.info("pass given out", astronomer=who, serial=count)
        if count % 30 == 0:
            log.warning("signing key is older than 90 days", kid="k7")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


log.info("domepass up", port=int(sys.argv[1]))
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
