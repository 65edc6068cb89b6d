"""porter: signs members of the rowing club in, by the directory.

    porter.py PORT LDAP_PORT
"""

import datetime
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import ldap3
from ldap3.core.exceptions import LDAPException

base = "dc=rowing,dc=internal"


def log(level, text):
    print(f"{datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='milliseconds')} porter[{level}] {text}", flush=True)


def sign_in(number):
    server = ldap3.Server("127.0.0.1", int(sys.argv[2]), connect_timeout=2)
    with ldap3.Connection(server, f"cn=porter,{base}", "boathouse", auto_bind=True, receive_timeout=3) as directory:
        directory.search(f"ou=members,{base}", f"(uid=member{number})", attributes=["cn", "employeeType"])
        if not directory.entries:
            raise LookupError(f"member{number}: {directory.result['description']}, {len(directory.entries)} entries")
        found = directory.entries[0]
    if "employeeType" not in found or not found.employeeType:
        raise LookupError(f"member{number} has no class of boat")
    return str(found.employeeType)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        number = int(self.path.rsplit("/", 1)[1])
        try:
            boat, status = sign_in(number), 200
            log("info", f"member{number} may take a {boat}")
        except LookupError as e:
            boat, status = "", 403
            log("warn" if number > 38 else "error", f"turned away: {e}")
        except LDAPException as e:
            boat, status = "", 503
            log("error", f"no directory: {type(e).__name__}: {e}")
        self.send_response(status)
        self.send_header("Content-Length", str(len(boat)))
        self.end_headers()
        self.wfile.write(boat.encode())

    def log_message(self, format, *args):
        pass


log("info", f"on duty at {sys.argv[1]}")
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
