"""sprinkler: waters the plants and writes down when; in MariaDB.

    sprinkler.py MARIADB_PORT
"""

import logging
import random
import sys
import time

import pymysql

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="(%(levelname)s) %(asctime)s sprinkler: %(message)s", datefmt="%d-%m-%Y %I:%M:%S %p")
logging.info("tap open")
turn = 0
while True:
    time.sleep(random.uniform(0.8, 1.4))
    turn += 1
    plant = random.randint(1, 40)
    try:
        db = pymysql.connect(port=int(sys.argv[1]), user="app", password="flour", database="shop")
        with db.cursor() as cur:
            cur.execute("UPDATE plant SET watered = NOW() WHERE id = %s", (plant,))
        db.commit()
        db.close()
        logging.info("plant %d watered", plant)
    except pymysql.MySQLError as e:
        logging.error("plant %d stays dry: %s", plant, e)
    if turn % 14 == 0:
        logging.warning("pressure %.1f bar", random.uniform(1.1, 1.3))
