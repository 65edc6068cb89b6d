"""larder: books deliveries into the stores, in MariaDB, one van at a time.

    larder.py MARIADB_PORT VERSION

From 5.0 it goes through the shelves from the back to the front.
"""

import random
import sys
import time

import pymysql

version = sys.argv[2]


def log(text):
    print(f"[larder/{version}] {time.strftime('%H:%M:%S')} {text}", flush=True)


shelves = list(range(1, 7))
if version >= "5.0":
    shelves.reverse()
log(f"up, shelves in the order {shelves}")
van = 0
while True:
    time.sleep(random.uniform(0.5, 1.0))
    van += 1
    db = pymysql.connect(port=int(sys.argv[1]), user="app", password="flour", database="shop")
    try:
        with db.cursor() as cur:
            for shelf in shelves:
                cur.execute("INSERT INTO delivery (van, shelf, grams) VALUES (%s, %s, 900), (%s, %s, 900)", (van, shelf, van, shelf))
                cur.execute("UPDATE store SET grams = grams + 1800 WHERE id = %s", (shelf,))
                time.sleep(random.uniform(0.04, 0.1))
        db.commit()
        log(f"van {van}: 6 shelves filled")
    except pymysql.err.OperationalError as e:
        db.rollback()
        log(f"van {van}: again later ({e.args[0]})")
    finally:
        db.close()
