"""icebreaker: plans the way of the ship by the forecast from outside, which it fetches through a proxy.

    icebreaker.py PROXY_PORT FORECAST_URL
"""

import logging
import random
import sys
import time

import requests

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(process)d/%(threadName)s %(asctime)s %(levelname)s:%(name)s:%(message)s")
log = logging.getLogger("icebreaker.route")
proxies = {"http": f"http://127.0.0.1:{sys.argv[1]}"}
log.info("casting off")
leg = 0
while True:
    time.sleep(random.uniform(0.7, 1.3))
    leg += 1
    place = random.randint(1, 40)
    try:
        answer = requests.get(f"{sys.argv[2]}/forecast/{place}", proxies=proxies, timeout=4)
        answer.raise_for_status()
        log.info("leg %d: ice at %d is %s", leg, place, answer.text.strip())
    except requests.RequestException:
        log.exception("leg %d: sailing blind", leg)
    if leg % 15 == 0:
        log.warning("leg %d: compass is 2 degrees off", leg)
