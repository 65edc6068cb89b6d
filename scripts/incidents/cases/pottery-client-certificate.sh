# The client certificate of glaze ends; caddy, which guards the recipes, no longer lets it in.
# packages: caddy
. "$(dirname "$0")/../lib.sh"
stack a-pottery 21080

mkdir certs
bin/kilncert certs glaze=115s engrave=24h
mkdir -p recipes/recipe
for n in $(seq 40); do printf 'pot %s: two parts ash, one part clay\n' "$n" >"recipes/recipe/$n"; done
cat >run/Caddyfile <<CONF
{
    admin 127.0.0.1:21085
    auto_https off
    debug
    storage file_system $home/run/caddy
    log default {
        output stdout
        format json
        exclude tls.handshake http.handlers http.log.error events
    }
}
https://localhost:21081 {
    bind 127.0.0.1
    tls $home/certs/server.pem $home/certs/server.key {
        client_auth {
            mode require_and_verify
            trusted_ca_cert_file $home/certs/ca.pem
        }
    }
    root * $home/recipes
    file_server
    log
}
CONF
run vault env HOME="$home" XDG_CONFIG_HOME="$home/run" caddy run --config run/Caddyfile --adapter caddyfile
wait_port 21081
run glaze $python bin/glaze.py 21082 https://localhost:21081 "$home/certs" glaze
run engrave $python bin/glaze.py 21083 https://localhost:21081 "$home/certs" engrave
run wheel node bin/wheel.js 21084 21082 21083
for p in 21082 21083 21084; do wait_port $p; done
customers http://127.0.0.1:21084 1.6 'POST /glazed/%N' 'POST /glazed/%N' 'POST /engraved/%N' 'GET /xmlrpc.php'

sleep 16
env HOME="$home" caddy reload --config run/Caddyfile --adapter caddyfile --force --address 127.0.0.1:21085 >/dev/null 2>&1 # in the normal time as well
baseline 32

sleep 42
env HOME="$home" caddy reload --config run/Caddyfile --adapter caddyfile --force --address 127.0.0.1:21085 >/dev/null 2>&1 # harmless
while openssl x509 -checkend 0 -noout -in certs/glaze.pem >/dev/null; do sleep 0.5; done
injected
sleep 45

collect '{
  "title": "No pot is glazed: the vault of recipes shuts its door",
  "cause": {
    "component": "glaze",
    "aliases": [],
    "category": "tls",
    "category_accept": ["credential"],
    "evidence": ["certificate has expired or is not yet valid", "alert (bad certificate|certificate expired)"]
  },
  "injected": "The client certificate of glaze ended. vault (caddy, with client_auth require_and_verify) ends each of its handshakes, while engrave, whose certificate is good, is served as before. The reload of vault some seconds before is harmless.",
  "programs": ["vault (Caddy 2.6)", "glaze and engrave (Python, logging, ssl)", "wheel (Node.js 20)"],
  "held_out": true
}'
