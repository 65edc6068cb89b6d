"""lending: lends the library's books: asks shelf where a book stands (Django-less WSGI on wsgiref, logging as syslog does).

    lending.py PORT SHELF_PORT
"""

import logging
import socketserver
import sys
import urllib.error
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s library-1 lending[%(process)d]: %(levelname)s %(message)s", datefmt="%b %d %H:%M:%S")
log = logging.getLogger()
asked = 0


def application(environ, start_response):
    global asked
    path = environ["PATH_INFO"]
    if not path.startswith("/book/"):
        log.info("404 %s", path)
        start_response("404 Not Found", [])
        return [b""]
    asked += 1
    if asked % 30 == 0:
        log.warning("reader's card is worn, number typed in")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[2]}{path}", timeout=3) as answer:
            text = answer.read()
        log.info("book %s lent, %s", path[6:], text.decode().strip())
        start_response("200 OK", [])
        return [text]
    except OSError as error:
        log.error("book %s not lent, shelf: %s", path[6:], error)
        start_response("503 Service Unavailable", [])
        return [b"come again\n"]


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *_):
        pass


log.info("lending opens")
make_server("127.0.0.1", int(sys.argv[1]), application, Server, Silent).serve_forever()
