"""The customers: a few requests a second, at random, for as long as it lives. Writes nothing.

    drive.py URL RATE 'METHOD PATH [BODY]' …

In a path or body, %N is a number from 1 to 40, %R one from 1 to a million.
"""

import random
import re
import sys
import threading
import time
import urllib.request


def request(base, what):
    what = re.sub(r"%N", lambda _: str(random.randint(1, 40)), what)
    what = re.sub(r"%R", lambda _: str(random.randint(1, 1_000_000)), what)
    method, path, *body = what.split(" ", 2)
    data = body[0].encode() if body else None
    r = urllib.request.Request(base + path, data=data, method=method)
    r.add_header("User-Agent", random.choice(["Kiosk/3.2", "Mozilla/5.0 (X11; Linux x86_64)", "ShopApp/7.1 (Android 15)"]))
    if data:
        r.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(r, timeout=20) as answer:
            answer.read()
    except Exception:
        pass


def main():
    base, rate, choices = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    while True:
        time.sleep(random.expovariate(rate))
        if threading.active_count() < 60:
            threading.Thread(target=request, args=(base, random.choice(choices)), daemon=True).start()


main()
