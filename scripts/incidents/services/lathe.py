"""lathe: turns wooden toys, with the help of a library in C.

    lathe.py PORT LIBRARY
"""

import ctypes
import logging
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s [%(process)d] %(levelname)s lathe: %(message)s", datefmt="%Y-%m-%d %H:%M:%S %z")
with open("/proc/self/comm", "w") as f:
    f.write("lathe")
chuck = ctypes.CDLL(sys.argv[2]).chuck


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        piece = int(self.path.rsplit("/", 1)[1])
        width = chuck(piece)
        logging.info("piece %d turned to %d mm", piece, width)
        if piece % 15 == 0:
            logging.warning("piece %d has a knot", piece)
        body = str(width).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


logging.info("chisels sharp, %s", os.path.basename(sys.argv[2]))
ThreadingHTTPServer.allow_reuse_address = True
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
