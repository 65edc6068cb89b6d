# packages: python3-fastapi uvicorn
# A new release of the consumer forgets to unlock: it stops without a word, the work queue fills up, and the producers are refused.
. "$(dirname "$0")/../lib.sh"
stack b-radio 22100
. "$here/servers/nats.sh"

nats_start 22101
run desk bin/desk -listen 127.0.0.1:22102 -nats nats://127.0.0.1:22101
wait_port 22102
run archive bin/archive -listen 127.0.0.1:22103 -nats nats://127.0.0.1:22101 -file run/plays.txt
run onair $python bin/onair.py 22104 22102 22103
wait_port 22103
wait_port 22104
customers http://127.0.0.1:22104 3 'POST /play/%N' 'POST /play/%N' 'POST /play/%N' 'GET /history' 'GET /favicon.ico'

sleep 20
stop onair # in the normal time as well
run onair $python bin/onair.py 22104 22102 22103
baseline 30

sleep 22
injected
stop archive
run archive bin/archive -listen 127.0.0.1:22103 -nats nats://127.0.0.1:22101 -file run/plays.txt -release 1.8.0
sleep 10
stop onair # harmless
run onair $python bin/onair.py 22104 22102 22103
sleep 65

collect '{
  "title": "Nothing can be put on the air: the queue of plays is full",
  "cause": {
    "component": "archive",
    "aliases": [],
    "category": "deadlock",
    "category_accept": ["code-defect", "resource-exhaustion"],
    "evidence": ["release=1\\.8\\.0", "busy=4 kept=0", "maximum bytes exceeded"]
  },
  "injected": "archive, the consumer of the work queue PLAYS, was restarted as release 1.8.0, which leaves markers out and returns without unlocking: after the first marker its four handlers wait for the lock for ever. It writes no error. The stream fills up to its limit, then NATS refuses what desk publishes, and onair fails. The restart of onair is harmless.",
  "programs": ["NATS 2.9 (JetStream)", "desk (Go, zerolog)", "archive (Go, logrus)", "onair (Python, FastAPI, uvicorn)"]
}'
