"""seats: which seat a passenger has.

    seats.py PORT
"""

import logging
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s:%(name)s:%(asctime)s:%(message)s")
log = logging.getLogger("seats")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        number = int(self.path.rsplit("/", 1)[1])
        if number % 23 == 0:
            log.warning("passenger %d sits in row 13", number)
        body = f"{number % 40 + 1}{'ABCD'[number % 4]}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        log.info(format, *args)


log.info("seats listening on %s", sys.argv[1])
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
