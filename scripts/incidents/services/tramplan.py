"""tramplan: how to get from one tram stop to another.

    tramplan.py PORT SYSLOG_SOCKET PLANS_KEPT

It keeps the plans it made, PLANS_KEPT of them.
"""

import collections
import logging.handlers
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

with open("/proc/self/comm", "w") as f:
    f.write("tramplan")
handler = logging.handlers.SysLogHandler(sys.argv[2])
handler.ident = "tramplan: "
handler.append_nul = False
logging.basicConfig(level=logging.INFO, handlers=[handler], format="%(levelname)s %(message)s")
limit = int(sys.argv[3])
plans = collections.OrderedDict()
asked = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        global asked
        asked += 1
        for leg in range(24):
            plans[asked, leg] = random.randbytes(200_000)
            if len(plans) > limit:
                plans.popitem(last=False)
            time.sleep(0.004)
        if asked % 20 == 0:
            logging.info("%d plans asked for, %d legs kept", asked, len(plans))
        if asked % 33 == 0:
            logging.warning("stop Mill Bridge has two positions")
        body = b'{"legs": 24}\n'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


logging.info("started, keeps %d legs", limit)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
