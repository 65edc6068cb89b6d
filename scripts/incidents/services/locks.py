"""locks: opens the harbour's lock gates by the tide that tidebook tells, and by the last one it told if it does not.

    locks.py TIDEBOOK_PORT
"""

import random
import sys
import time
import urllib.error
import urllib.request

from structlog import configure, get_logger, processors

configure(processors=[processors.add_log_level, processors.TimeStamper(fmt="iso"), processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])])
log = get_logger()
log.info("locks watch the tide")
failed = 0
while True:
    time.sleep(random.uniform(1.5, 3))
    station = random.randint(30, 45)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/v1/tides/{station}", timeout=5) as answer:
            answer.read()
        failed = 0
        log.info("gate set", station=station)
    except urllib.error.HTTPError as error:
        failed += 1
        (log.error if failed > 2 else log.warning)("gate left as it is", station=station, code=error.code, text=error.read().decode().strip(), times=failed)
    except OSError as error:
        log.error("gate left as it is", station=station, error=str(error))
    if random.random() < 0.06:
        log.warning("weed on the sensor", gate="east")
