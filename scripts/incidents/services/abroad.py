"""abroad: plays somebody outside, who shows us no log: answers by a file of settings, which is read for every request.

    abroad.py PORT SETTINGS      {"per_minute": 600, "seconds": 0.1}
"""

import http.server
import json
import sys
import time

calls = []


class Abroad(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        settings = json.load(open(sys.argv[2]))
        now = time.monotonic()
        calls[:] = [c for c in calls if c > now - 60]
        if len(calls) >= settings["per_minute"]:
            code, body = 429, {"error": "rate_limited", "message": f"Plan 'basic': {settings['per_minute']} calls per minute"}
        else:
            calls.append(now)
            time.sleep(settings["seconds"])
            code, body = 200, {"ok": True, "value": round(100 * (now % 7))}
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        if code == 429:
            self.send_header("Retry-After", "30")
        self.end_headers()
        try:
            self.wfile.write(text)
        except OSError:
            pass

    do_POST = do_GET


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Abroad).serve_forever()
