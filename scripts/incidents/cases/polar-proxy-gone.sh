# The proxy to the outside is killed; nothing in its log says so.
# packages: squid python3-requests libhttp-daemon-perl
. "$(dirname "$0")/../lib.sh"
stack a-polar 21180
cp "$here/services/polarmet.pl" bin/

mkdir -p squid
chown proxy squid
cat >run/squid.conf <<CONF
http_port 127.0.0.1:21181
visible_hostname proxy.polar.internal
acl polar src 127.0.0.0/8
http_access allow polar
access_log stdio:$log/squid-access.log
cache_log $log/squid-cache.log
pid_filename $home/run/squid.pid
coredump_dir $home/squid
cache_mem 8 MB
cache deny all
pinger_enable off
netdb_filename none
dns_nameservers 127.0.0.1
shutdown_lifetime 1 seconds
CONF
touch "$log"/squid-{access,cache}.log
chown proxy "$log"/squid-*.log
run polarmet perl bin/polarmet.pl 21182
quiet squid unshare -u bash -c "hostname proxy; exec squid -N -f $home/run/squid.conf"
wait_port 21181
wait_port 21182
run skywatch bin/skywatch -listen 127.0.0.1:21183 -proxy http://127.0.0.1:21181 -forecast http://127.0.0.1:21182
run icebreaker $python bin/icebreaker.py 21181 http://127.0.0.1:21182
nginx_start <<CONF
server {
    listen 127.0.0.1:21184;
    location / { proxy_pass http://127.0.0.1:21183; }
}
CONF
for p in 21183 21184; do wait_port $p; done
customers http://127.0.0.1:21184 2 'GET /lights/%N' 'GET /lights/%N' 'GET /lights/%N' 'GET /lights/nowhere/'

sleep 16
kill -HUP "${pid[squid]}" # the proxy is reconfigured in the normal time as well
baseline 30

sleep 13
stop polarmet # harmless
run polarmet perl bin/polarmet.pl 21182
sleep 12
injected
kill -KILL "${pid[squid]}"
sleep 45

collect '{
  "title": "No forecast for anybody: the way to the outside is shut",
  "cause": {
    "component": "squid",
    "aliases": ["proxy"],
    "category": "dependency-down",
    "category_accept": ["crash"],
    "evidence": ["proxyconnect tcp: dial tcp 127\\.0\\.0\\.1:21181: connect: connection refused", "Cannot connect to proxy"]
  },
  "injected": "squid, through which skywatch and icebreaker fetch the forecast, was killed with SIGKILL: its logs just end. polarmet is well and is asked nothing any more. The restart of polarmet 12 s before is harmless.",
  "programs": ["nginx 1.22", "Squid 5.7", "skywatch (Go, log/slog JSON)", "icebreaker (Python, logging, requests)", "polarmet (Perl, HTTP::Daemon)"],
  "held_out": true
}'
