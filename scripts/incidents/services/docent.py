"""docent: tells visitors of the castle about its rooms; what it tells is in MariaDB.

    docent.py PORT MARIADB_PORT
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql
import structlog

structlog.configure(processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M.%S"), structlog.processors.format_exc_info, structlog.processors.LogfmtRenderer()])
log = structlog.get_logger(service="docent")


def tell(room):
    db = pymysql.connect(port=int(sys.argv[2]), user="docent", password="halberd", database="shop")
    with db.cursor() as cur:
        cur.execute("SELECT story FROM room WHERE id = %s", (room,))
        (story,) = cur.fetchone()
    db.close()
    log.info("told", room=room, words=len(story.split()))
    if room % 20 == 0:
        log.warning("story is older than the room", room=room)
    return story.encode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            body, status = tell(int(self.path.rsplit("/", 1)[1])), 200
        except ValueError:
            body, status = b"", 404
            log.warning("no such room", path=self.path)
        except pymysql.MySQLError as e:
            body, status = b"", 500
            log.error("nothing to tell", path=self.path, code=e.args[0], error=e.args[1])
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


log.info("ready", port=int(sys.argv[1]))
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
