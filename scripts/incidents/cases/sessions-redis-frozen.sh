# Redis is stopped in its tracks (SIGSTOP, as a frozen virtual machine or a hanging disk would do): it says nothing any more.
. "$(dirname "$0")/../lib.sh"
stack archive 21100

redis_start 21101 --save 6 3
run wicket $python bin/wicket.py 21102 21101
run foyer node bin/foyer.js 21103 21102
nginx_start <<CONF
server {
    listen 127.0.0.1:21104;
    location / { proxy_pass http://127.0.0.1:21103; }
}
CONF
wait_port 21102
wait_port 21103
wait_port 21104
customers http://127.0.0.1:21104 2 'GET /login/%N' 'GET /shelf/%N' 'GET /shelf/%N'

sleep 25
stop foyer # foyer is restarted in the normal time as well
run foyer node bin/foyer.js 21103 21102
baseline 35

sleep 25
kill -HUP "${pid[nginx]}" # harmless
sleep 12
injected
kill -STOP "${pid[redis]}"
sleep 50

collect '{
  "title": "Nobody can sign in: Redis does not answer",
  "cause": {
    "component": "redis",
    "aliases": [],
    "category": "dependency-down",
    "category_accept": ["dependency-slow"],
    "evidence": ["redis\\.exceptions\\.TimeoutError: Timeout reading from socket"]
  },
  "injected": "Redis was frozen with SIGSTOP: its port still accepts connections, and nobody answers on them. Its own log, which told of a save every six seconds, just ends. wicket runs into its timeout of 2 s, and foyer and nginx after it. The reload of nginx 12 s before is harmless.",
  "programs": ["nginx 1.22", "foyer (Node.js 20)", "wicket (Python, logging, redis-py)", "Redis 7.0"]
}'
