"""hearth: bakes to order; takes flour and yeast out of the stores, in MariaDB.

    hearth.py PORT MARIADB_PORT
"""

import datetime
import random
import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql


def log(level, text):
    print(f"{datetime.datetime.now():%d/%b/%Y %H:%M:%S.%f}"[:-3], f"<{level}> hearth: {text}", flush=True)


def bake(order):
    low, high = sorted(random.sample(range(1, 7), 2))
    db = pymysql.connect(port=int(sys.argv[2]), user="app", password="flour", database="shop")
    try:
        with db.cursor() as cur:
            cur.execute("UPDATE store SET grams = grams - 400 WHERE id = %s", (low,))
            time.sleep(random.uniform(0.05, 0.2))
            cur.execute("UPDATE store SET grams = grams - 12 WHERE id = %s", (high,))
        db.commit()
    finally:
        db.close()
    log("info", f"order {order} is in the oven")
    if int(order) % 17 == 0:
        log("warn", "deck 3 is 9 degrees too hot")


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        order, status = self.path.rsplit("/", 1)[1], 201
        try:
            bake(order)
        except Exception:
            status = 500
            log("error", f"order {order} was not baked\n{traceback.format_exc().rstrip()}")
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        pass


log("info", f"listening on {sys.argv[1]}")
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
