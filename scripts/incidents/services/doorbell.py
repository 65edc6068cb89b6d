"""doorbell: tells people that their parcel is near; asks parcels every second.

    doorbell.py PARCELS_PORT CA_FILE
"""

import json
import logging
import random
import ssl
import sys
import time
import urllib.request

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="[%(asctime)s] %(levelname)s in %(module)s: %(message)s")
context = ssl.create_default_context(cafile=sys.argv[2])
logging.info("doorbell started")
turn = 0
while True:
    time.sleep(random.uniform(0.6, 1.4))
    turn += 1
    if turn % 12 == 0:
        logging.warning("slow chime: the speaker answered after 1.2 s")
    parcel = random.randint(1, 1_000_000)
    try:
        with urllib.request.urlopen(f"https://127.0.0.1:{sys.argv[1]}/parcels/{parcel}", timeout=3, context=context) as answer:
            depot = json.load(answer)["depot"]
        logging.info("parcel %d is at depot %d, rang the bell", parcel, depot)
    except Exception:
        logging.exception("parcel %d: nobody was told", parcel)
