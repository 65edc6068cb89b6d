"""glaze: asks the vault of recipes, with its client certificate, how a pot is to be glazed.

    glaze.py PORT VAULT_URL CERT_DIR NAME
"""

import json
import logging
import ssl
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

logging.basicConfig(stream=sys.stdout, level=logging.DEBUG, format="%(asctime)s - %(name)s - %(levelname)s - %(message)s")
port, vault, directory, name = sys.argv[1:]
log = logging.getLogger(name)
context = ssl.create_default_context(cafile=f"{directory}/ca.pem")
context.load_cert_chain(f"{directory}/{name}.pem", f"{directory}/{name}.key")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        pot = self.path.rsplit("/", 1)[1]
        try:
            with urllib.request.urlopen(f"{vault}/recipe/{pot}", timeout=4, context=context) as answer:
                body, status = answer.read(), 200
            log.info("pot %s: recipe of %d bytes", pot, len(body))
            if int(pot) % 18 == 0:
                log.warning("pot %s: cobalt is running low", pot)
        except Exception as e:
            log.error("pot %s: %s: %s", pot, type(e).__name__, e)
            body, status = json.dumps({"error": "no recipe"}).encode(), 502
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


log.info("started on port %s", port)
ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
