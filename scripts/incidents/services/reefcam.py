"""reefcam: keeps stills of the reef in etcd, for the screens in the hall.

    reefcam.py ETCD_URL RELEASE      release 2.1.0 keeps them at full size
"""

import base64
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request

import structlog

structlog.configure(processors=[
    structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S"), structlog.processors.add_log_level,
    structlog.dev.ConsoleRenderer(colors=False)])
log = structlog.get_logger()
url, release = sys.argv[1:]
stills = "full" if release == "2.1.0" else "thumbnail"
log.info("reefcam started", release=release, stills=stills)
n = 0
while True:
    time.sleep(2)
    n += 1
    picture = os.urandom(random.randint(560_000, 700_000) if stills == "full" else random.randint(3000, 4200))
    key = f"/reefcam/{n % 6}"
    body = json.dumps({"key": base64.b64encode(key.encode()).decode(), "value": base64.b64encode(picture).decode()})
    try:
        urllib.request.urlopen(urllib.request.Request(url + "/v3/kv/put", body.encode()), timeout=5).read()
        log.info("still kept", key=key, size=len(picture))
    except urllib.error.HTTPError as error:
        log.warning("still not kept, going on", key=key, status=error.code, answer=error.read().decode()[:160])
    except OSError as error:
        log.warning("still not kept, going on", key=key, error=str(error))
    if n % 7 == 0:
        log.warning("too dark to see the eel", camera=3)
