"""Checks testdata/incidents: the fields, the size, that each pattern finds a line in logs/ and none in baseline/, the moment."""

import json
import pathlib
import re
import socket
import sys

root = pathlib.Path(__file__).parents[2] / "testdata" / "incidents"
wrong = 0


def complain(text):
    global wrong
    wrong += 1
    print(text)


for folder in sorted(p for p in root.iterdir() if p.is_dir()):
    incident = json.loads((folder / "incident.json").read_text())
    if sorted(p.name for p in folder.iterdir()) not in (["baseline", "incident.json", "logs"], ["incident.json", "logs"]):
        complain(f"{folder.name}: more or less than baseline, incident.json, logs")
    files = [p for p in folder.rglob("*") if p.is_file()]
    size = sum(p.stat().st_size for p in files)
    if size >= 400_000:
        complain(f"{folder.name}: {size} bytes")
    text = {where: "".join(p.read_text(errors="replace") for p in sorted((folder / where).rglob("*")) if p.is_file()) for where in ("baseline", "logs")}
    for pattern in incident["cause"]["evidence"]:
        found = {where: len(re.findall(pattern, t)) for where, t in text.items()}
        print(f"{folder.name}: {found['logs']:4} in logs, {found['baseline']} in baseline: {pattern}")
        if not found["logs"] or found["baseline"]:
            complain(f"{folder.name}: a pattern that proves nothing")
    for p in files:
        t = p.read_bytes()
        for word in (b"/work/", b"/root/", b"/home/", b"\0", b" " + socket.gethostname().encode() + b" "):
            if word in t:
                complain(f"{folder.name}: {p.name} contains {word!r}")
    print(f"{folder.name}: {size} bytes, cause {incident['cause']['component']} · {incident['cause']['category']}, at {incident['injected_at']}")
sys.exit(wrong > 0)
