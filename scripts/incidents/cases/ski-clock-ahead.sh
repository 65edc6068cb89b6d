# packages: faketime
# npm: winston@3.17.0
# The clock of the service that signs passes is set 14 minutes ahead: whoever checks them finds them not valid yet.
. "$(dirname "$0")/../lib.sh"
stack b-ski 22300
for server in node liftgate hut; do . "$here/servers/$server.sh"; done

head -c 24 /dev/urandom | base64 >run/secret
echo '{"timeout_ms": 4000, "season": "winter"}' >run/hut.json
echo +0 >run/clock
liftgate 22301 run/secret 6.1.4
LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1 FAKETIME_TIMESTAMP_FILE=$home/run/clock FAKETIME_CACHE_DURATION=1 \
    FAKETIME_DONT_FAKE_MONOTONIC=1 run passdesk node bin/passdesk.js 22302 run/secret
wait_port 22302
hut 22303 22302 22301
customers http://127.0.0.1:22303 3 'POST /ride/%N {"skier":%N}' 'POST /ride/%N {"skier":%N}' 'GET /pass/%N' 'GET /weather'

sleep 20
kill -HUP "${pid[hut]}" # in the normal time as well
baseline 30

sleep 18
stop liftgate # harmless
liftgate 22301 run/secret 6.1.4
sleep 9
injected
echo +14m >run/clock
sleep 50

collect '{
  "title": "Skiers with new passes are turned away at every gate",
  "cause": {
    "component": "passdesk",
    "aliases": [],
    "category": "time-skew",
    "category_accept": [],
    "evidence": ["The Token can.t be used before"]
  },
  "injected": "The clock of passdesk (libfaketime) was set 14 minutes ahead. It signs passes as if nothing had happened, and liftgate, whose clock is right, refuses them as not valid yet; hut fails. passdesk complains of nothing: only the times of its own lines jump. The restart of liftgate 9 s before is harmless.",
  "programs": ["passdesk (Node.js 20, Winston, libfaketime)", "liftgate (Java 17, Logback)", "hut (Python, Flask, gunicorn)"]
}'
