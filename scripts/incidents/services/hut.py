"""hut: the ski school's app: buys a pass and opens a gate (Flask), served by gunicorn as hut:app.

PASSDESK and LIFTGATE are the URLs of the two; the file hut.json beside HUT_CONFIG says how long to wait.
"""

import json
import logging
import os
import urllib.error
import urllib.request

import flask

app = flask.Flask("hut")
app.logger.setLevel(logging.INFO)
config = json.load(open(os.environ["HUT_CONFIG"]))
app.logger.info("hut uses %s: %s", os.path.basename(os.environ["HUT_CONFIG"]), json.dumps(config))


def ask(name, path, body=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(os.environ[name] + path, body), timeout=config["timeout_ms"] / 1000) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        app.logger.error("%s answered %d: %s", name.lower(), error.code, error.read().decode())
    except OSError as error:
        app.logger.error("%s: %s", name.lower(), error)
    flask.abort(503)


@app.post("/ride/<int:lift>")
def ride(lift):
    skier = int(flask.request.get_json()["skier"])
    ask("LIFTGATE", f"/ride/{lift}", ask("PASSDESK", f"/pass/{skier}"))
    return {"gate": "open"}


@app.get("/pass/<int:skier>")
def show(skier):
    return {"pass": ask("PASSDESK", f"/pass/{skier}").decode()[-8:]}
