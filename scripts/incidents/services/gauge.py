"""gauge: how high the water stands at the pier; tells Prometheus too.

    gauge.py PORT
"""

import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

read = 0


def log(text):
    print(f"gauge {time.time():.3f} {text}", flush=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        global read
        read += 1
        body = f"gauge_readings_total {read}\n" if self.path == "/metrics" else f"{random.randint(120, 260)}\n"
        if self.path != "/metrics":
            log(f"level at {self.path} is {body.strip()} cm")
        if read % 30 == 0:
            log("warn: algae on the sensor")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format, *args):
        pass


log(f"up on {sys.argv[1]}")
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
