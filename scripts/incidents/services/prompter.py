"""prompter: has whoever waits for a costume told where it is; reads the loans in MariaDB.

    prompter.py MARIADB_PORT
"""

import logging
import sys
import time

import pymysql

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)-8s| %(asctime)s | prompter.%(funcName)s | %(message)s")
log = logging.getLogger("prompter")


def main():
    last = turn = 0
    log.info("whispering")
    while True:
        time.sleep(2)
        turn += 1
        db = pymysql.connect(port=int(sys.argv[1]), user="app", password="flour", database="shop")
        with db.cursor() as cur:
            cur.execute("SELECT id, costume, part FROM loan WHERE id > %s ORDER BY id", (last,))
            loans = cur.fetchall()
        db.close()
        if loans:
            last = loans[-1][0]
            log.info("%d new loans, the last is costume %d for part %d", len(loans), *loans[-1][1:])
        else:
            log.warning("no new loan, is anybody playing tonight?")
        if turn % 9 == 0:
            log.warning("part 3 forgot the second act")


main()
