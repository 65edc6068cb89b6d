"""plates: the photographic plates of the observatory, for those with a pass.

    plates.py PORT
"""

import logging
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s.%(msecs)03d|%(levelname).1s|plates|%(funcName)s|%(message)s", datefmt="%Y%m%dT%H%M%S")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            who = jwt.decode(self.headers.get("Authorization", "").removeprefix("Bearer "), "a key of the exam", algorithms=["HS256"])["sub"]
            logging.info("%s fetched by %s", self.path, who)
            status = 200
        except jwt.PyJWTError as e:
            logging.error("%s refused: %s: %s", self.path, type(e).__name__, e)
            status = 403
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        pass


logging.info("up on %s", sys.argv[1])
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
