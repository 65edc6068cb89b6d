"""props: where the opera's props are, which ZooKeeper knows.

    props.py PORT ZOOKEEPER RELEASE     release 2.2.0 opens a session for every question, and leaves it open
"""

import http.server
import logging
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)-5.5s [%(name)s:%(lineno)s][%(threadName)s] %(message)s")
log = logging.getLogger("props")
port, zookeeper, release = sys.argv[1:]


def session():
    client = KazooClient(zookeeper, timeout=10)
    client.start(timeout=4)
    return client


shared = session()


class Props(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        prop = self.path.rsplit("/", 1)[1]
        try:
            client = session() if release == "2.2.0" else shared
            client.ensure_path(f"/props/{prop}")
            text, code = client.get(f"/props/{prop}")[0].decode() or "in the store", 200
            log.info("prop %s found", prop)
        except Exception as error:
            text, code = "nobody knows", 503
            log.error("prop %s not found: %s: %s", prop, type(error).__name__, error)
        self.send_response(code)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


log.info("props %s ready", release)
http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Props).serve_forever()
