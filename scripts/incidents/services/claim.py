"""claim: tells passengers where their bags are (Flask), served by gunicorn as claim:app. CAROUSEL and WEIGH are URLs."""

import logging.config
import os
import urllib.request

logging.config.dictConfig({
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s,%(name)s,%(levelname)s,\"%(message)s\"", "datefmt": "%Y-%m-%dT%H:%M:%S%z"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}}, "root": {"handlers": ["out"], "level": "INFO"}})
import flask

app = flask.Flask("claim")
log = logging.getLogger("claim")


def ask(name, path):
    try:
        with urllib.request.urlopen(os.environ[name] + path, timeout=3) as answer:
            return answer.read().decode()
    except OSError as error:
        log.error("%s %s: %s", name.lower(), path, error)
        flask.abort(503)


@app.get("/bag/<int:bag>")
def bag(bag):
    weight = ask("WEIGH", f"/weigh/{bag}")
    ask("CAROUSEL", f"/put/{bag}")
    log.info("bag %d is on its belt, %s", bag, weight)
    return {"bag": bag}


@app.get("/weight/<int:bag>")
def weight(bag):
    return {"weight": ask("WEIGH", f"/weigh/{bag}")}
