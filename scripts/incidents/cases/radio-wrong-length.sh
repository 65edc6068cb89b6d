# packages: python3-fastapi uvicorn
# A new release of the producer writes the length in another form: it is content, and the consumer complains loudly of every message.
. "$(dirname "$0")/../lib.sh"
stack b-radio2 22120
. "$here/servers/nats.sh"

nats_start 22121
run desk bin/desk -listen 127.0.0.1:22122 -nats nats://127.0.0.1:22121
wait_port 22122
archive() { run archive bin/archive -listen 127.0.0.1:22123 -nats nats://127.0.0.1:22121 -file run/plays.txt; }
archive
run onair $python bin/onair.py 22124 22122 22123
wait_port 22123
wait_port 22124
customers http://127.0.0.1:22124 2.5 'POST /play/%N' 'GET /history' 'GET /history' 'GET /favicon.ico'

sleep 20
stop archive # in the normal time as well
archive
baseline 30

sleep 25
injected
stop desk
run desk bin/desk -listen 127.0.0.1:22122 -nats nats://127.0.0.1:22121 -release 3.0.0
sleep 3
stop archive # harmless
archive
sleep 52

collect '{
  "title": "The history of what was played stands still",
  "cause": {
    "component": "desk",
    "aliases": [],
    "category": "schema-change",
    "category_accept": ["bad-data", "code-defect"],
    "evidence": ["\"release\":\"3\\.0\\.0\"", "cannot unmarshal string into Go struct field play\\.seconds of type int"]
  },
  "injected": "desk was restarted as release 3.0.0, which publishes the length of a play as a time of day (\"00:03:12\") instead of a number of seconds. archive understands none of these and asks for each again every 3 s; its history is too old to be shown, so onair fails. desk itself reports nothing but success. The restart of archive 3 s later is harmless.",
  "programs": ["NATS 2.9 (JetStream)", "desk (Go, zerolog)", "archive (Go, logrus)", "onair (Python, FastAPI, uvicorn)"]
}'
