"""herald: the village fair's mailing list, and the people who follow the link.

    herald.py URL FILE     FILE says how many follow it in a second
"""

import random
import sys
import threading
import time
import urllib.request

url, file = sys.argv[1:]


def follow():
    try:
        urllib.request.urlopen(urllib.request.Request(f"{url}/tickets/{random.randint(1, 400)}", headers={"User-Agent": "Mozilla/5.0 (Mobile; rv:140.0)"}), timeout=25).read()
    except OSError:
        pass


last = ""
print(f"herald {time.strftime('%Y%m%dT%H%M%SZ')} I list loaded", flush=True)
people = 0
while True:
    text = open(file).read().strip()
    if text != last:
        last = text
        people = float(text)
        print(f"herald {time.strftime('%Y%m%dT%H%M%SZ')} I letter sent, {int(people * 400)} readers", flush=True)
    time.sleep(random.expovariate(people))
    threading.Thread(target=follow, daemon=True).start()
    if random.random() < 0.02 / max(people, 1) * 3:
        print(f"herald {time.strftime('%Y%m%dT%H%M%SZ')} W 3 addresses bounced", flush=True)
