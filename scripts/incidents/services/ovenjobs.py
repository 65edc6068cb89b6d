"""ovenjobs: what the bakery does every few seconds (Celery): sets loaves aside for its regulars, and counts the others.

Started as a worker or as beat (the scheduler); OVEN_BROKER is the broker, OVEN_DB the database.
"""

import os
import sqlite3

from celery import Celery
from celery.utils.log import get_task_logger

app = Celery("ovenjobs", broker=os.environ["OVEN_BROKER"])
app.conf.update(
    beat_schedule={
        "regulars": {"task": "ovenjobs.regulars", "schedule": 6.0},
        "count": {"task": "ovenjobs.count", "schedule": 4.0},
        "ash": {"task": "ovenjobs.ash", "schedule": 14.0},
    },
    worker_hijack_root_logger=False, broker_connection_retry_on_startup=True, task_ignore_result=True)
log = get_task_logger(__name__)


def database():
    return sqlite3.connect(os.environ["OVEN_DB"], timeout=5)


@app.task
def regulars():
    with database() as db:
        db.execute("UPDATE store SET loaves = loaves - 12")
    log.info("12 loaves set aside for the regulars")


@app.task
def count():
    with database() as db:
        log.info("%d loaves on the shelf", db.execute("SELECT loaves FROM store").fetchone()[0])


@app.task
def ash():
    log.warning("ash pan is nearly full")
