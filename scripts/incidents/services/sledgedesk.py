"""sledgedesk: books rides with the sledge; what they cost it asks of farequote.

    sledgedesk.py PORT FAREQUOTE_PORT
"""

import json
import sys
import time
import traceback
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def log(level, text):
    now = time.time()
    print(f"{level[0]}{time.strftime('%m%d %H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1e6):06} sledgedesk.py] {text}", flush=True)


def book(km):
    with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[2]}/fare/{km}", timeout=4) as answer:
        quote = json.load(answer)
    total = quote["cents"] + 150  # the blankets
    log("INFO", f"ride of {km} km booked for {total / 100:.2f} {quote['currency']}")
    if km == 13:
        log("WARNING", "the rider is superstitious")
    return total


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        try:
            body, status = str(book(int(self.path.rsplit("/", 1)[1]))).encode(), 201
        except ValueError:
            log("WARNING", f"no distance in {self.path}")
            body, status = b"", 400
        except Exception:
            log("ERROR", f"{self.path} failed\n{traceback.format_exc().rstrip()}")
            body, status = b"", 500
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


log("INFO", f"desk open on {sys.argv[1]}")
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
