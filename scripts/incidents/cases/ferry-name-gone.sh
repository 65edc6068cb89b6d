# The hosts file of the name server is written anew without one of its names.
. "$(dirname "$0")/../lib.sh"
stack ferry 20800

cat >run/hosts <<'HOSTS'
127.0.0.1 gate.ferry.internal
127.0.0.1 seats.ferry.internal
127.0.0.1 galley.ferry.internal
HOSTS
quiet dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --port=20801 --listen-address=127.0.0.1 --bind-interfaces \
    --no-resolv --no-hosts --addn-hosts="$home/run/hosts" --local=/internal/ --local-ttl=2 --user=root --pid-file= \
    --log-queries --log-facility="$log/dnsmasq.log"
sleep 1
run seats $python bin/seats.py 20802
run boarding bin/boarding -listen 127.0.0.1:20803 -seats http://seats.ferry.internal:20802 -dns 127.0.0.1:20801
nginx_start <<CONF
server {
    listen 127.0.0.1:20804;
    resolver 127.0.0.1:20801 valid=3s ipv6=off;
    location /board/ { proxy_pass http://127.0.0.1:20803; }
    location /seat/ {
        set \$seats seats.ferry.internal;
        proxy_pass http://\$seats:20802;
    }
}
CONF
wait_port 20802
wait_port 20803
wait_port 20804
customers http://127.0.0.1:20804 3 'POST /board/%R' 'GET /seat/%R'

sleep 25
kill -HUP "${pid[dnsmasq]}" # the name server reads its file again in the normal time as well
baseline 35

sleep 25
stop seats # harmless
run seats $python bin/seats.py 20802
sleep 15
injected
printf '127.0.0.1 gate.ferry.internal\n127.0.0.1 galley.ferry.internal\n' >run/hosts
kill -HUP "${pid[dnsmasq]}"
sleep 55

collect '{
  "title": "Nobody gets aboard: the name of seats is gone",
  "cause": {
    "component": "dnsmasq",
    "aliases": ["seats.ferry.internal"],
    "category": "dns",
    "category_accept": ["configuration"],
    "evidence": ["config seats\\.ferry\\.internal is NXDOMAIN", "lookup seats\\.ferry\\.internal .*no such host", "seats\\.ferry\\.internal could not be resolved \\(3: Host not found\\)"]
  },
  "injected": "The hosts file of dnsmasq was written anew without seats.ferry.internal, and dnsmasq was told to read it (SIGHUP). seats itself is well, but boarding and nginx no longer find it. The restart of seats 15 s before is harmless, and dnsmasq read its file in the normal time as well.",
  "programs": ["nginx 1.22", "dnsmasq 2.90", "boarding (Go, log, net.Resolver)", "seats (Python, logging)"]
}'
