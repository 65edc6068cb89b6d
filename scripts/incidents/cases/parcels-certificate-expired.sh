# The certificate of an HTTPS service ends; nginx in front of it and a client both refuse it.
. "$(dirname "$0")/../lib.sh"
stack lantern 20400

bin/mkcert run 115s
expires=$(($(date +%s) + 115))
run parcels bin/parcels -listen 127.0.0.1:20401 -tls run
wait_port 20401
run doorbell $python bin/doorbell.py 20401 run/ca.pem
run tracker node bin/tracker.js 20402 20403
nginx_start <<CONF
server {
    listen 127.0.0.1:20403;
    keepalive_timeout 0;
    location / {
        proxy_pass https://127.0.0.1:20401;
        proxy_ssl_name parcels.internal;
        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate $home/run/ca.pem;
        proxy_ssl_session_reuse off;
    }
}
CONF
wait_port 20402
wait_port 20403
customers http://127.0.0.1:20402 3 'GET /where/%R'

sleep 25
kill -HUP "${pid[nginx]}" # a reload in the normal time as well
baseline 35

sleep 25
stop tracker # harmless: a restart and a reload before the fault
run tracker node bin/tracker.js 20402 20403
sleep 8
kill -HUP "${pid[nginx]}"
while [ "$(date +%s)" -lt "$expires" ]; do sleep 0.2; done
injected
sleep 60

collect '{
  "title": "No parcel can be tracked: the certificate of parcels has expired",
  "cause": {
    "component": "parcels",
    "aliases": [],
    "category": "tls",
    "category_accept": [],
    "evidence": ["upstream SSL certificate verify error: \\(10:certificate has expired\\)", "CERTIFICATE_VERIFY_FAILED\\] certificate verify failed: certificate has expired"]
  },
  "injected": "The certificate of parcels was issued with so short a life that it ended during the run and nobody renewed it. nginx, which verifies it, and doorbell, which calls parcels directly, both refuse it; tracker behind nginx only sees 502. The restart of tracker and the reload of nginx are harmless.",
  "programs": ["nginx 1.22 (proxy_ssl_verify)", "parcels (Go, net/http with TLS)", "doorbell (Python, urllib)", "tracker (Node.js 20)"]
}'
