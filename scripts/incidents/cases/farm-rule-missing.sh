# A new ruleset of the router between two networks lacks the rule for silo: its packets are dropped, and nobody is told.
# packages: iptables iproute2 gunicorn python3-flask libhttp-daemon-perl liblog-log4perl-perl
. "$(dirname "$0")/../lib.sh"
stack a-farm 21110
cp "$here"/services/{gatewarden.sh,scale.pl} bin/

networks=(a-yard a-router a-store)
remove() {
    stop_all
    for n in "${networks[@]}"; do ip netns del "$n" 2>/dev/null || true; done
}
remove
trap remove EXIT
for n in "${networks[@]}"; do
    ip netns add "$n"
    ip -n "$n" link set lo up
done
for side in yard:1 store:2; do # each side and the router have a cable
    n=${side%:*} i=${side#*:}
    ip -n a-router link add "$n" type veth peer name eth0 netns "a-$n"
    ip -n a-router addr add "10.21.$i.1/24" dev "$n"
    ip -n a-router link set "$n" up
    ip -n "a-$n" addr add "10.21.$i.2/24" dev eth0
    ip -n "a-$n" link set eth0 up
    ip -n "a-$n" route add default via "10.21.$i.1"
done
ip netns exec a-router sysctl -qw net.ipv4.ip_forward=1
in_() { echo ip netns exec "a-$1"; }

ruleset() { # NUMBER PORT…
    echo "# ruleset $1"
    printf '*filter\n:INPUT ACCEPT\n:FORWARD DROP\n:OUTPUT ACCEPT\n'
    echo '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
    for p in "${@:2}"; do echo "-A FORWARD -s 10.21.1.0/24 -d 10.21.2.0/24 -p tcp -m tcp --dport $p -j ACCEPT"; done
    echo COMMIT
}
ruleset 57 21112 21113 21119 >run/rules
run gatewarden $(in_ router) bash bin/gatewarden.sh "$home/run/rules"
sleep 1
run silo $(in_ store) gunicorn --chdir "$home/bin" --bind 10.21.2.2:21112 --access-logfile - silo:app
run scale $(in_ store) perl bin/scale.pl 10.21.2.2 21113
run granary $(in_ yard) bin/granary -listen 127.0.0.1:21114 -silo http://10.21.2.2:21112 -scale http://10.21.2.2:21113
nginx() { exec ip netns exec a-yard nginx "$@"; }
nginx_start <<CONF
server {
    listen 127.0.0.1:21115;
    location / { proxy_pass http://127.0.0.1:21114; }
}
CONF
sleep 4
quiet customers $(in_ yard) $python "$here/drive.py" http://127.0.0.1:21115 2 'GET /grain/%N' 'GET /grain/%N' 'POST /weigh/%R' 'POST /weigh/%R' 'GET /admin.php'
quiet stray $(in_ yard) bash -c 'while sleep 6; do timeout 2 bash -c ": </dev/tcp/10.21.2.2/23"; done' # somebody who is never let through

sleep 18
ruleset 58 21112 21113 21119 21120 >run/rules # another ruleset in the normal time
baseline 30

sleep 15
stop scale # harmless
run scale $(in_ store) perl bin/scale.pl 10.21.2.2 21113
sleep 12
injected
ruleset 59 21113 21119 21120 >run/rules
sleep 50

collect '{
  "title": "No grain is sold: silo does not answer the granary",
  "cause": {
    "component": "gatewarden",
    "aliases": ["router"],
    "category": "network",
    "category_accept": ["configuration"],
    "evidence": ["gatewarden:  ruleset 59: \\d+ rules in force", "10\\.21\\.2\\.2:21112.*(i/o timeout|context deadline exceeded|Client.Timeout exceeded)"]
  },
  "injected": "gatewarden put ruleset 59 in force on the router between the yard and the store: it has no rule for port 21112, so the first packets of each connection from granary to silo are dropped. silo is well, and nobody comes to it any more. The restart of scale 12 s before is harmless, and so was ruleset 58.",
  "programs": ["nginx 1.22", "granary (Go, log/slog text)", "silo (Python, Flask, gunicorn)", "scale (Perl, Log4perl)", "gatewarden (bash, iptables 1.8, network namespaces)"],
  "held_out": true
}'
