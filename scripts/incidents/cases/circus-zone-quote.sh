# The zone is written with a quote too few; the restarted name server does not load it.
# packages: ruby
. "$(dirname "$0")/../lib.sh"
. "$here/servers/named.sh"
stack a-circus 21200
cp "$here"/services/{ringmaster.rb,barker.sh} bin/

zone() { bash bin/barker.sh "$1" "$2" "$home/zone" >>"$log/barker.log"; }
start() {
    named_start named 21201 <<CONF
options { directory "$home/named"; pid-file "$home/run/named.pid"; listen-on { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; };
zone "circus.internal" { type primary; file "$home/zone/circus.zone"; };
zone "menagerie.internal" { type primary; file "$home/zone/menagerie.zone"; };
CONF
}
mkdir -p zone
zone 2026112611 '"the flying sisters"'
sed 's/circus/menagerie/g; /TXT/d' zone/circus.zone >zone/menagerie.zone
start
run tentpost $python bin/tentpost.py 21202
wait_port 21202
run ringmaster ruby bin/ringmaster.rb 21201 21202
nginx_start <<CONF
server {
    listen 127.0.0.1:21203;
    resolver 127.0.0.1:21201 valid=3s ipv6=off;
    location /tent/ {
        set \$tents tents.circus.internal;
        proxy_pass http://\$tents:21202;
    }
}
CONF
wait_port 21203
customers http://127.0.0.1:21203 2 'GET /tent/%N' 'GET /tent/%N' 'GET /tent/%N' 'GET /popcorn.gif'

sleep 16
zone 2026112612 '"the flying sisters"' # the zone is written anew in the normal time as well
stop named
start
baseline 30

sleep 14
stop tentpost # harmless
run tentpost $python bin/tentpost.py 21202
sleep 12
injected
zone 2026112613 '"the man who eats swords'
stop named
start
sleep 50

collect '{
  "title": "The show does not go on: nobody finds the tents",
  "cause": {
    "component": "named",
    "aliases": ["barker"],
    "category": "dns",
    "category_accept": ["configuration", "bad-data"],
    "evidence": ["unbalanced quotes", "zone circus\\.internal/IN: not loaded due to errors", "tents\\.circus\\.internal could not be resolved \\(2: Server failure\\)"]
  },
  "injected": "barker wrote the zone of the circus with a quote too few in the TXT record of tonight, and named was restarted: it does not load the zone and answers SERVFAIL for all its names. ringmaster and nginx no longer find tentpost, which is well. The restart of tentpost 12 s before is harmless, and so was that of named in the normal time.",
  "programs": ["nginx 1.22", "BIND 9.18", "ringmaster (Ruby, Resolv, Logger)", "tentpost (Python)", "barker (bash)"],
  "held_out": true
}'
