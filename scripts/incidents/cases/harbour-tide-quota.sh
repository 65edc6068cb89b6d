# packages: ruby-sinatra puma python3-structlog
# Somebody outside lowers our quota: the answer is 429 for most of our calls. There is no log of theirs.
. "$(dirname "$0")/../lib.sh"
stack b-harbour 22400

cp "$here/services/pilotage.rb" bin/
echo '{"per_minute": 600, "seconds": 0.08}' >run/abroad.json
quiet abroad $python bin/abroad.py 22401 run/abroad.json
wait_port 22401
tidebook() { run tidebook bin/outward -listen 127.0.0.1:22402 -base http://api.tidewatch.example -connect 127.0.0.1:22401 -keep 2s -grumble "answers are not signed, as this plan has no signatures"; }
tidebook
wait_port 22402
run pilotage ruby bin/pilotage.rb 22403 22402
run locks $python bin/locks.py 22402
wait_port 22403
customers http://127.0.0.1:22403 3 'GET /enter/%R' 'GET /enter/%R' 'GET /enter/%R' 'GET /apple-touch-icon.png'

sleep 20
stop tidebook # in the normal time as well
tidebook
baseline 30

sleep 18
stop tidebook # harmless
tidebook
sleep 9
injected
echo '{"per_minute": 12, "seconds": 0.08}' >run/abroad.json
sleep 50

collect '{
  "title": "Ships wait outside: nobody tells us the tide",
  "cause": {
    "component": "api.tidewatch.example",
    "aliases": ["tidewatch"],
    "category": "rate-limit",
    "category_accept": ["capacity"],
    "evidence": ["status=429", "rate_limited"]
  },
  "injected": "api.tidewatch.example, whom tidebook asks for the tide, lowered the quota of our plan from 600 to 12 calls a minute, and answers 429 to the rest. We asked no more than before. It has no log here: only tidebook quotes it, pilotage and locks suffer. The restart of tidebook 9 s before is harmless.",
  "programs": ["tidebook (Go, log/slog, text)", "pilotage (Ruby, Sinatra, Puma)", "locks (Python, structlog, logfmt)"]
}'
