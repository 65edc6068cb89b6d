"""catalogue: what the museum shows (Flask), served by gunicorn as catalogue:app."""

import logging
import os
import random
import time

import flask

app = flask.Flask("catalogue")
app.logger.setLevel(logging.INFO)
release = os.environ["RELEASE"]
app.logger.info("catalogue %s, %d works", release, 4100)


@app.get("/healthz")
def health():
    return "ok"


@app.get("/piece/<int:number>")
def work(number):
    time.sleep(random.uniform(0.005, 0.03))
    if number % 19 == 0:
        app.logger.warning("work %d has no year, shown without", number)
    return {"work": number, "room": number % 12}
