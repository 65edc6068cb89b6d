"""etcher: makes proofs of pages, and keeps each as a file.

    etcher.py PORT DIR
"""

import logging
import random
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s etcher{%(lineno)d} %(levelname)s :: %(message)s", datefmt="%H:%M:%S %d.%m.%Y")
port, directory = sys.argv[1:]
made = 0


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        global made
        page = self.path.rsplit("/", 1)[1]
        try:
            made += 1
            with open(f"{directory}/{made:05}-{page}.proof", "wb") as f:
                f.write(random.randbytes(900))
            logging.info("proof %d of page %s made", made, page)
            if made % 16 == 0:
                logging.warning("plate 3 is worn")
            status = 201
        except OSError as e:
            logging.error("no proof of page %s: %s", page, e)
            status = 500
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        pass


logging.info("etcher ready on %s", port)
ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
