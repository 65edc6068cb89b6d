# packages: ruby-sinatra puma nginx-light
# The bank outside becomes slow: every thread of Puma waits for it, so even pages that need no bank time out in nginx.
. "$(dirname "$0")/../lib.sh"
stack b-circus 22820

cp "$here/services/boxoffice.rb" bin/
cat >bin/boxoffice.ru <<'RU'
require_relative "boxoffice"
run Boxoffice
RU
echo '{"per_minute": 6000, "seconds": 0.12}' >run/abroad.json
quiet abroad $python bin/abroad.py 22821 run/abroad.json
wait_port 22821
run payer bin/outward -log json -listen 127.0.0.1:22822 -base http://pay.corvid-bank.example -connect 127.0.0.1:22821 -keep 0s -timeout 12s -grumble "refund file of yesterday has no lines"
wait_port 22822
boxoffice() { PAYER=http://127.0.0.1:22822 run boxoffice puma -b tcp://127.0.0.1:22823 -t 4:4 -e production bin/boxoffice.ru; wait_port 22823; }
boxoffice
nginx_start <<CONF
server {
    listen 127.0.0.1:22824;
    location / { proxy_pass http://127.0.0.1:22823; proxy_read_timeout 6s; }
}
CONF
wait_port 22824
customers http://127.0.0.1:22824 3 'POST /buy/%R' 'GET /seats' 'GET /seats' 'GET /elephants.gif'

sleep 20
stop boxoffice # in the normal time as well
boxoffice
baseline 30

sleep 20
stop boxoffice # harmless
boxoffice
sleep 7
injected
echo '{"per_minute": 6000, "seconds": 9}' >run/abroad.json
sleep 55

collect '{
  "title": "The circus sells no seats, and does not even show them",
  "cause": {
    "component": "pay.corvid-bank.example",
    "aliases": ["corvid-bank"],
    "category": "dependency-slow",
    "category_accept": [],
    "evidence": ["\"took\":9\\d{9}", "upstream timed out"]
  },
  "injected": "pay.corvid-bank.example, whom payer asks to take the money, became slow: 9 s instead of 0.12 s. It has no log here, and none of its answers is an error. The four threads of boxoffice wait for payer, so everything else waits for a thread, and nginx gives up after 6 s. The restart of boxoffice 7 s before is harmless.",
  "programs": ["nginx 1.22", "boxoffice (Ruby, Sinatra, Puma)", "payer (Go, log/slog, JSON)"]
}'
