"""entrance: the museum's door: sells an audio guide to whom it can (uvicorn, bare ASGI).

    entrance.py PORT AUDIOGUIDE_PORT CATALOGUE_PORT
"""

import asyncio
import sys
import time
import urllib.error
import urllib.request

import uvicorn

port, guide, catalogue = map(int, sys.argv[1:])


def say(level, text):
    print(f"ts={time.time():.3f} lvl={level} svc=entrance {text}", flush=True)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:
            return 200, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""
    except OSError as error:
        return 0, str(error).encode()


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    path = scope["path"]
    if path == "/healthz":
        code, body = 200, b"ok"
    elif path.startswith("/listen/") or path.startswith("/piece/"):
        start = time.monotonic()
        to = guide if path.startswith("/listen/") else catalogue
        code, body = await asyncio.to_thread(get, f"http://127.0.0.1:{to}{path}")
        name = "audioguide" if to == guide else "catalogue"
        if code == 200:
            say("info", f'msg="{name} answered" path={path} ms={(time.monotonic() - start) * 1000:.0f}')
        else:
            say("error", f'msg="{name} failed" path={path} code={code} err="{body.decode()}"')
            code, body = 503, b"later"
    else:
        code, body = 404, b""
        say("info", f'msg="nothing there" path={path}')
    await send({"type": "http.response.start", "status": code, "headers": []})
    await send({"type": "http.response.body", "body": body})


say("info", "msg=open")
uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning", lifespan="off")
