"""sorter: the machine that sorts parcels; writes each into the book.

    sorter.py DB
"""

import random
import sqlite3
import sys
import time

db = sqlite3.connect(sys.argv[1], timeout=2, isolation_level=None)


def say(level, text):
    print(f"{time.strftime('%d/%m/%Y %H:%M:%S')} sorter[{level}] {text}", flush=True)


say("info", "belt running")
n = 0
while True:
    time.sleep(random.uniform(0.5, 1.3))
    n += 1
    parcel, chute = random.randint(1, 40), random.randint(1, 9)
    for attempt in range(1, 4):
        try:
            db.execute("INSERT INTO scans (parcel, place, at) VALUES (?, ?, datetime('now'))", (parcel, f"chute {chute}"))
            say("info", f"parcel {parcel} to chute {chute}")
            break
        except sqlite3.OperationalError as error:
            say("warn", f"parcel {parcel} not written, attempt {attempt}: {error}")
    else:
        say("error", f"parcel {parcel} put on the floor")
    if n % 11 == 0:
        say("warn", "belt slipped, went on")
