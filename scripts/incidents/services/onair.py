"""onair: the radio station's page: what is played, and what was (FastAPI, uvicorn).

    onair.py PORT DESK_PORT ARCHIVE_PORT
"""

import logging
import sys
import urllib.error
import urllib.request

import fastapi
import uvicorn

port, desk, archive = map(int, sys.argv[1:])
logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s:     [onair] %(message)s")
log = logging.getLogger("onair")
app = fastapi.FastAPI()


def ask(url, method="GET"):
    try:
        return urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=4).read().decode()
    except urllib.error.HTTPError as error:
        log.error("%s %s: %d %s", method, url.split("/", 3)[3], error.code, error.read().decode().strip())
    except OSError as error:
        log.error("%s %s: %s", method, url.split("/", 3)[3], error)
    raise fastapi.HTTPException(503)


@app.post("/play/{track}")
def play(track: int):
    return ask(f"http://127.0.0.1:{desk}/play/{track}", "POST")


@app.get("/history")
def history():
    return ask(f"http://127.0.0.1:{archive}/last")


uvicorn.run(app, host="127.0.0.1", port=port)
