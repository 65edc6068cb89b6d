"""armory: counts the armour of the castle every 2 s, with an account of its own in MariaDB.

    armory.py MARIADB_PORT
"""

import sys
import time

import pymysql

turn = 0
while True:
    time.sleep(2)
    turn += 1
    db = pymysql.connect(port=int(sys.argv[1]), user="app", password="flour", database="shop")
    with db.cursor() as cur:
        cur.execute("SELECT COUNT(*), SUM(helmets) FROM room")
        rooms, helmets = cur.fetchone()
    db.close()
    print(f"armory;{time.strftime('%Y-%m-%d %H:%M:%S')};INFO;{helmets} helmets in {rooms} rooms", flush=True)
    if turn % 8 == 0:
        print(f"armory;{time.strftime('%Y-%m-%d %H:%M:%S')};WARN;one helmet is rusty", flush=True)
