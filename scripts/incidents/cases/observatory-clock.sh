# The clock of the host of domepass jumps ahead: its passes are not yet valid anywhere else.
# packages: libfaketime python3-jwt python3-structlog
# npm: jsonwebtoken@9.0.3 pino@9.14.0
. "$(dirname "$0")/../lib.sh"
stack a-observatory 21020
cp -r "$here/.build/node_modules" bin/

echo +0 >run/clock
run domepass env LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1 FAKETIME_TIMESTAMP_FILE="$home/run/clock" \
    FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 $python bin/domepass.py 21021
run telescope node bin/telescope.js 21022
run plates $python bin/plates.py 21023
run stargate bin/stargate -listen 127.0.0.1:21024 -passes http://127.0.0.1:21021 -telescope http://127.0.0.1:21022 -plates http://127.0.0.1:21023
for p in 21021 21022 21023 21024; do wait_port $p; done
customers http://127.0.0.1:21024 3 'GET /point/%R' 'GET /plate/%N' 'GET /plate/%N' 'GET /robots.txt/1'

sleep 18
stop plates # in the normal time as well
run plates $python bin/plates.py 21023
baseline 30

sleep 20
stop telescope # harmless
run telescope node bin/telescope.js 21022
sleep 12
injected
echo +437 >run/clock
sleep 45

collect '{
  "title": "Every pass is refused: it is not yet valid",
  "cause": {
    "component": "domepass",
    "aliases": [],
    "category": "time-skew",
    "category_accept": [],
    "evidence": ["NotBeforeError", "ImmatureSignatureError: The token is not yet valid"]
  },
  "injected": "The clock of the host of domepass jumped ahead by 437 s (libfaketime). domepass goes on as before, with other times in its log, but telescope and plates refuse its passes, which are not yet valid by their clocks. The restart of telescope 12 s before is harmless.",
  "programs": ["domepass (Python, structlog, PyJWT)", "telescope (Node.js 20, pino, jsonwebtoken)", "plates (Python, logging, PyJWT)", "stargate (Go, logfmt)"],
  "held_out": true
}'
