"""migrate: applies the given SQL files in their order, each in a transaction.

    migrate.py PG_PORT FILE…
"""

import os
import sys
import time

import psycopg2


def say(level, text):
    print(time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f"Z {level:5} migrate {text}", flush=True)


db = psycopg2.connect(host="127.0.0.1", port=sys.argv[1], user="postgres", password="loopback", dbname="teahouse")
for file in sys.argv[2:]:
    start = time.monotonic()
    with db, db.cursor() as cursor:
        cursor.execute(open(file).read())
    say("INFO", f"applied {os.path.basename(file)} in {(time.monotonic() - start) * 1000:.0f} ms")
say("INFO", "schema is up to date")
