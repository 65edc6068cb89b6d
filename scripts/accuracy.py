"""Measures the accuracy on development data and prints the whole table; python3 -m needs nothing but the standard library.

usage: scripts/accuracy.py BIN DATA BENCH

DATA holds lab/, lab-repeats/, loghub/ and rca/*.tar.zst, BENCH their scorers. The public scorers are run as they are; what they do not ask
(names replaced, knowledge or logs withheld, clocks off, logs cut, calibration) "rca eval" asks.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

binary, data, bench = sys.argv[1:4]
root = pathlib.Path(__file__).parents[1]


def run(*cmd):
    p = subprocess.run([str(c) for c in cmd], capture_output=True, text=True)
    if p.returncode:
        sys.exit(f"{' '.join(map(str, cmd))}: {p.stderr.strip()[-400:]}")
    return p.stdout


def answers(*args):
    return [json.loads(line) for line in run(binary, "eval", "--json", *args).splitlines()]


def title(text):
    print(f"\n== {text}")


title("lab (public scorer, naive methods below)")
out = run("python3", f"{bench}/lab/score.py", "--bin", binary, f"{data}/lab")
print("\n".join(line for line in out.splitlines() if re.match(r"all |cascading|verdict|  (most|first)", line)))
title("healthy and blinded (public scorer)")
print(run("python3", f"{bench}/lab/honest.py", "--bin", binary, f"{data}/lab").strip().splitlines()[-1])
title("lab, asked in every way")
print(run(binary, "eval", "--quiet", "--variant", "all", f"{data}/lab").split("told:")[0].strip("\n"))

with tempfile.TemporaryDirectory() as tmp:
    sets = {}
    for archive in sorted(pathlib.Path(data, "rca").glob("*.tar.zst")):
        name = archive.name.removesuffix(".tar.zst")
        sets[name] = pathlib.Path(tmp, name)
        sets[name].mkdir()
        run("tar", "--zstd", "-xf", archive, "-C", sets[name])
    for name, folder in sets.items():
        title(f"{name}, solvable (public scorer)")
        out = run("python3", f"{bench}/rca/score.py", folder, "--bin", binary, "--solvable")
        print("\n".join(line for line in out.splitlines() if re.search(r"service|line|AC@1", line)))
    public = [str(f) for f in sets.values()]
    silent = [o for o in answers(*public) if not o["solvable"]]
    sure = [o for o in silent if o["found"] and not o["first"] and (o.get("grade") == "confirmed" or o["confidence"] >= 0.8)]
    title(f"silent ones: {len(sure)} of {len(silent)} wrong and sure")
    for name, folder in sets.items():
        if "dev-hard" not in name and "openstack" in name:
            healthy = answers("--variant", "healthy halves", folder)
            title(f"{name}, fault-free runs cut in halves: {sum(o['found'] for o in healthy)} of {len(healthy)} told a cause")
    title("templates (public scorer)")
    print("\n".join(run("sh", f"{bench}/parsing/run.sh", binary).strip().splitlines()[-12:]))
    title("own exam, tuned part, then held-out part")
    exam = root / "testdata" / "incidents"
    print(run(binary, "eval", "--tuned", exam).split("told:")[0])
    print(run(binary, "eval", "--held-out", exam).split("told:")[0])
    title("own exam, asked in every way")
    print(run(binary, "eval", "--quiet", "--variant", "all", exam).split("told:")[0])
    title("calibration, all development and own incidents")
    print(run(binary, "eval", "--quiet", "--reliability", f"{data}/lab", f"{data}/lab-repeats", exam, *public).split("SURE:")[-1])
