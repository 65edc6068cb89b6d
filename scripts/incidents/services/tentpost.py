"""tentpost: which act is in which tent.

    tentpost.py PORT
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

acts = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        global acts
        acts += 1
        now = time.strftime("%d/%m %H:%M:%S")
        print(f"{now} tentpost >> {self.path} act {acts % 9}", flush=True)
        if acts % 21 == 0:
            print(f"{now} tentpost !! the lion is hungry", flush=True)
        body = f"act {acts % 9}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


print(time.strftime("%d/%m %H:%M:%S"), "tentpost >> pegs are in", flush=True)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
