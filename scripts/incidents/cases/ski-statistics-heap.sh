# npm: winston@3.17.0
# A new release remembers too much: the JVM collects garbage nearly all the time, and answers late, long before it would run out.
. "$(dirname "$0")/../lib.sh"
stack b-slope 22320
for server in node liftgate hut; do . "$here/servers/$server.sh"; done

head -c 24 /dev/urandom | base64 >run/secret
echo '{"timeout_ms": 2500, "season": "winter"}' >run/hut.json
jvm=(-Xmx640m -Xms256m -XX:+UseSerialGC "-Xlog:gc,gc+heap*=info,safepoint:stdout:time,uptime,level,tags")
liftgate 22321 run/secret 6.1.4 "${jvm[@]}"
run passdesk node bin/passdesk.js 22322 run/secret
wait_port 22322
hut 22323 22322 22321
customers http://127.0.0.1:22323 4 'POST /ride/%N {"skier":%N}' 'POST /ride/%N {"skier":%N}' 'GET /pass/%N' 'GET /weather'

sleep 20
kill -HUP "${pid[hut]}" # in the normal time as well
baseline 30

sleep 22
injected
stop liftgate
liftgate 22321 run/secret 6.2.0 "${jvm[@]}"
sleep 12
stop passdesk # harmless
run passdesk node bin/passdesk.js 22322 run/secret
sleep 75

collect '{
  "title": "The gates of the lifts open after many seconds or not at all",
  "cause": {
    "component": "liftgate",
    "aliases": [],
    "category": "resource-exhaustion",
    "category_accept": ["code-defect", "capacity"],
    "evidence": ["Liftgate 6\\.2\\.0 started", "Pause Full \\(Allocation Failure\\)", "liftgate: timed out"]
  },
  "injected": "liftgate was restarted as release 6.2.0, which remembers every ride in detail. When its heap (640 MB) is nearly full, a minute later, it does little but collect garbage (full pauses, one after the other); hut, which waits 2.5 s, gives up. The restart of passdesk in between is harmless.",
  "programs": ["liftgate (Java 17, Logback, -Xlog:gc)", "passdesk (Node.js 20, Winston)", "hut (Python, Flask, gunicorn)"]
}'
