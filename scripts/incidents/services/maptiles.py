"""maptiles: draws the tiles of the hiking map and keeps each on the volume, for a day.

    maptiles.py PORT DIR LAYOUT

In the layout "flat" a tile is one file; in the layout "split" it is one file for each of its layers.
"""

import os
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import structlog

structlog.configure(processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer()])
log = structlog.get_logger(service="maptiles")
directory, layout = sys.argv[2:]
layers = ["tile"] if layout == "flat" else [f"layer{n:02}" for n in range(24)]
os.makedirs(directory, exist_ok=True)
drawn = skipped = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        global drawn, skipped
        drawn += 1
        for layer in layers:
            try:
                with open(f"{directory}/{drawn:06}.{layer}", "wb") as f:
                    f.write(random.randbytes(200))
            except OSError:
                skipped += 1
        if drawn % 8 == 0:
            log.info("tiles drawn", drawn=drawn, not_kept=skipped, files_per_tile=len(layers))
        if drawn % 21 == 0:
            log.warning("no elevation data, drawing it flat", tile=self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        pass


def sweep():
    while True:
        time.sleep(5)
        for name in sorted(os.listdir(directory))[: -40 * len(layers)]:
            os.unlink(f"{directory}/{name}")


if layout == "flat":
    import threading

    threading.Thread(target=sweep, daemon=True).start()
log.info("maptiles ready", port=int(sys.argv[1]), layout=layout)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
