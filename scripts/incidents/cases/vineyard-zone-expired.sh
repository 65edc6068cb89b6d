# The primary name server no longer lets the secondary have the zone; when it has expired there, nothing is found any more.
# packages: php8.2-cli
. "$(dirname "$0")/../lib.sh"
. "$here/servers/named.sh"
stack a-vineyard 21030
cp "$here"/services/{vat.php,zonekeeper.sh} bin/

primary() { # ALLOW-TRANSFER
    cat <<CONF
options {
    directory "$home/ns1"; pid-file "$home/run/ns1.pid"; listen-on { 127.0.0.1; }; listen-on-v6 { none; };
    recursion no; notify explicit; also-notify { 127.0.0.1 port 21032; }; allow-transfer { $1; };
};
zone "vineyard.internal" { type primary; file "$home/zone/vineyard.zone"; };
CONF
}
mkdir -p zone
chmod 777 zone
run zonekeeper bash bin/zonekeeper.sh "$home/zone/vineyard.zone" "$home/run/ns1.pid"
sleep 0.5
named_start ns1 21031 < <(primary 127.0.0.1)
named_start ns2 21032 <<CONF
options {
    directory "$home/ns2"; pid-file "$home/run/ns2.pid"; listen-on { 127.0.0.1; }; listen-on-v6 { none; };
    recursion no; notify no; min-refresh-time 3; min-retry-time 2; allow-notify { 127.0.0.1; };
};
zone "vineyard.internal" { type secondary; primaries { 127.0.0.1 port 21031; }; file "vineyard.zone"; };
CONF
sleep 3
run vat php -S 127.0.0.1:21033 bin/vat.php
echo 'nameserver 127.0.0.1' >run/resolv.conf # Go quotes the server of this file, whatever it was told to ask
run cellar unshare -m bash -c 'mount --bind run/resolv.conf /etc/resolv.conf; exec "$@"' - bin/cellar -listen 127.0.0.1:21034 -vat http://vat.vineyard.internal:21033 -dns 127.0.0.1:21032
run tasting node bin/tasting.js 21035 21032 21033
nginx_start <<CONF
server {
    listen 127.0.0.1:21036;
    location /bottle/ { proxy_pass http://127.0.0.1:21034; }
    location /taste/ { proxy_pass http://127.0.0.1:21035; }
}
CONF
for p in 21033 21034 21035 21036; do wait_port $p; done
customers http://127.0.0.1:21036 3 'POST /bottle/%R' 'GET /taste/%R' 'GET /taste/%R' 'GET /wine.png'

sleep 10
primary '127.0.0.1; 127.0.0.2' >ns1/site.conf # the configuration changes in the normal time as well
named_reload ns1
baseline 40

sleep 22
injected
primary 10.20.0.0/16 >ns1/site.conf
named_reload ns1
sleep 14
stop vat # harmless
run vat php -S 127.0.0.1:21033 bin/vat.php
sleep 60

collect '{
  "title": "Neither bottling nor tasting: the secondary name server has let its zone expire",
  "cause": {
    "component": "ns1",
    "aliases": [],
    "category": "configuration",
    "category_accept": ["dns", "permission"],
    "evidence": ["zone transfer .vineyard\\.internal/.XFR/IN. denied", "failed while receiving responses: REFUSED", "zone vineyard\\.internal/IN: expired"]
  },
  "injected": "ns1 was given allow-transfer { 10.20.0.0/16; }, where its secondary ns2 is not. Each new serial that zonekeeper writes is refused to ns2, and after 24 s without a transfer the zone expires there: SERVFAIL for everybody who asks ns2, which are cellar and tasting. The restart of vat before it expires is harmless.",
  "programs": ["BIND 9.18 (primary and secondary)", "zonekeeper (bash)", "cellar (Go, encoding/json)", "tasting (Node.js 20)", "vat (PHP 8.2)", "nginx 1.22"]
}'
