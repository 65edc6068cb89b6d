"""quay: the boats' page; asks berth through HAProxy.

    quay.py PORT HAPROXY_PORT
"""

import logging
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s | %(levelname)s | quay | %(message)s")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        start = time.monotonic()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[2]}{self.path}", timeout=5) as answer:
                body, status = answer.read(), 200
            logging.info("%s answered in %d ms", self.path, (time.monotonic() - start) * 1000)
            if start % 20 < 0.8:
                logging.warning("boat sent a position on land, using the harbour's")
        except OSError as error:
            logging.error("%s failed after %d ms: %s", self.path, (time.monotonic() - start) * 1000, error)
            body, status = b"no tide today", 502
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


logging.info("quay listening on %s", sys.argv[1])
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
