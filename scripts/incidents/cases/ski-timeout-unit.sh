# npm: winston@3.17.0
# A push of settings gives a time limit in the wrong unit: the caller gives up after 2 ms and blames services that are well.
. "$(dirname "$0")/../lib.sh"
stack b-piste 22360
for server in node liftgate hut; do . "$here/servers/$server.sh"; done

mkdir run/settings
head -c 24 /dev/urandom | base64 >run/secret
echo '{"timeout_ms": 2000, "season": "winter"}' | tee run/settings/hut.json >run/hut.json
echo '{"rows": 8}' | tee run/settings/signs.json >run/signs.json
liftgate 22361 run/secret 6.1.4
passdesk() { run passdesk node bin/passdesk.js 22362 run/secret; wait_port 22362; }
passdesk
hut 22363 22362 22361
echo "${pid[hut]}" >run/hut.pid
run pushed bash "$here/services/pushed.sh" run/settings run run/hut.pid
customers http://127.0.0.1:22363 3 'POST /ride/%N {"skier":%N}' 'POST /ride/%N {"skier":%N}' 'GET /pass/%N' 'GET /weather'

sleep 15
echo '{"timeout_ms": 2000, "season": "winter", "lang": "de"}' >run/settings/hut.json # a push in the normal time as well
baseline 35

sleep 16
stop passdesk # harmless
passdesk
sleep 7
injected
echo '{"timeout_ms": 2, "season": "winter", "lang": "de"}' >run/settings/hut.json
sleep 5
echo '{"rows": 9}' >run/settings/signs.json # harmless
sleep 45

collect '{
  "title": "Most skiers are turned away by the app",
  "cause": {
    "component": "hut",
    "aliases": ["pushed"],
    "category": "configuration",
    "category_accept": [],
    "evidence": ["\"timeout_ms\": 2, ", "(passdesk|liftgate): timed out"]
  },
  "injected": "pushed gave hut new settings, in which the time limit is 2 instead of 2000 ms (somebody thought of seconds). passdesk and liftgate are well and answer in some milliseconds as before, often too late now: hut says that they time out. The restart of passdesk and the push of signs are harmless.",
  "programs": ["hut (Python, Flask, gunicorn)", "passdesk (Node.js 20, Winston)", "liftgate (Java 17, Logback)", "pushed (bash)"],
  "held_out": true
}'
