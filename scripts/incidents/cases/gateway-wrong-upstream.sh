# A rollout writes a wrong port into the upstreams of nginx and reloads it; the service behind is well.
. "$(dirname "$0")/../lib.sh"
stack pier 21000

run seats $python bin/seats.py 21002
mkdir -p nginx
echo "upstream seats { server 127.0.0.1:21002; }" >nginx/upstreams.conf
nginx_start <<CONF
include $home/nginx/upstreams.conf;
server {
    listen 127.0.0.1:21003;
    location /seat/ { proxy_pass http://seats; }
}
CONF
run quay $python bin/quay.py 21004 21003
wait_port 21002
wait_port 21003
wait_port 21004
customers http://127.0.0.1:21004 4 'GET /seat/%R'

sleep 25
run rollout bash "$here/services/rollout.sh" 117 21002 "$home/nginx" # a rollout in the normal time as well
baseline 35

sleep 20
stop seats # harmless
run seats $python bin/seats.py 21002
sleep 15
injected
run rollout bash "$here/services/rollout.sh" 118 21020 "$home/nginx"
sleep 55

collect '{
  "title": "No seat is found since the gateway was reloaded",
  "cause": {
    "component": "nginx",
    "aliases": ["rollout"],
    "category": "configuration",
    "category_accept": [],
    "evidence": ["rollout: revision 118: ", "connect\\(\\) failed \\(111: Connection refused\\) while connecting to upstream.*127\\.0\\.0\\.1:21020"]
  },
  "injected": "rollout wrote port 21020 instead of 21002 into the upstreams of nginx and reloaded it. Nothing listens on that port; seats itself is well and has nothing to do any more. The restart of seats 15 s before is harmless, and so was the rollout of revision 117.",
  "programs": ["nginx 1.22", "seats (Python, logging)", "quay (Python, logging)", "rollout (bash)"]
}'
