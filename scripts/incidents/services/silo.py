"""silo: how much grain there is. Run with gunicorn: gunicorn silo:app"""

from flask import Flask

app = Flask("silo")
asked = 0


@app.get("/grain/<int:kind>")
def grain(kind):
    global asked
    asked += 1
    if asked % 18 == 0:
        app.logger.warning("cell %d is 2 degrees warmer than its neighbours", kind % 8)
    return {"kind": kind, "tons": 40 + kind % 17}
