"""cues: gives the opera's cues; reads each from ZooKeeper in a session of its own, and closes it.

    cues.py ZOOKEEPER
"""

import logging
import random
import sys
import time

from kazoo.client import KazooClient
from kazoo.retry import KazooRetry

logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(created).3f %(levelname)s %(name)s :: %(message)s")
log = logging.getLogger("cues")
log.setLevel(logging.INFO)
log.info("cues ready")
n = 0
while True:
    time.sleep(random.uniform(0.8, 1.6))
    n += 1
    client = KazooClient(sys.argv[1], timeout=8, connection_retry=KazooRetry(max_tries=2, delay=0.2))
    try:
        client.start(timeout=3)
        client.ensure_path("/cues")
        log.info("cue %d given, %d followers", n, len(client.get_children("/cues")))
    except Exception as error:
        log.error("cue %d missed: %s: %s", n, type(error).__name__, error)
    finally:
        client.stop()
        client.close()
    if n % 10 == 0:
        log.warning("prompter speaks too low, cue %d repeated", n)
