"""stocktake: counts a shelf now and then; on SIGUSR1 it counts the whole house with the handheld scanner.

    stocktake.py PG_PORT SCANNER_PORT
"""

import logging
import signal
import socket
import sys
import threading

import psycopg2

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s [%(process)d] %(name)s %(levelname)s %(message)s")
log = logging.getLogger("stocktake")
asked = threading.Event()
signal.signal(signal.SIGUSR1, lambda *_: asked.set())


def connect():
    return psycopg2.connect(host="127.0.0.1", port=sys.argv[1], user="stocktake", password="shelf", dbname="teahouse",
                            application_name="stocktake")


def count_shelf(shelf):
    with connect() as db, db.cursor() as cursor:
        cursor.execute("UPDATE stock SET counted_at = now() WHERE shelf = %s", (shelf,))
        log.info("shelf %d counted, %d teas", shelf, cursor.rowcount)
    db.close()


def count_house():
    log.info("full stocktake requested")
    with connect() as db, db.cursor() as cursor:
        cursor.execute("UPDATE stock SET counted_at = now()")
        log.info("full stocktake: %d teas marked, waiting for the handheld scanner on port %s", cursor.rowcount, sys.argv[2])
        with socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as scanner:
            scanner.sendall(b"COUNT ALL\n")
            scanner.recv(4096)  # no timeout: the fault
        log.info("full stocktake done")
    db.close()


shelf = 0
log.info("stocktake started")
while True:
    if asked.wait(15):
        asked.clear()
        count_house()
    else:
        try:
            count_shelf(shelf)
        except psycopg2.Error:
            log.exception("shelf %d not counted", shelf)
        shelf = (shelf + 1) % 8
