# packages: openssl
# npm: fastify@5.6.1 winston@3.17.0
# A certificate is renewed for another name: the server takes it without a word, and its gRPC clients refuse it.
. "$(dirname "$0")/../lib.sh"
stack b-vet 22500
. "$here/servers/node.sh"

mkdir run/tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout run/tls/ca.key -out run/tls/ca.pem -days 30 -subj "/CN=Vet internal CA" 2>/dev/null
echo records.vet.internal >run/names
run renewer bash "$here/services/renewer.sh" "$home/run/tls" "$home/run/names"
for i in $(seq 50); do [ -e run/tls/records.pem ] && break; sleep 0.1; done
run records bin/records -listen 127.0.0.1:22501 -cert run/tls/records
wait_port 22501
run triage bin/triage -listen 127.0.0.1:22502 -records 127.0.0.1:22501 -ca run/tls/ca.pem -name records.vet.internal
run reception node bin/reception.js 22503 22502
wait_port 22502
wait_port 22503
customers http://127.0.0.1:22503 3 'GET /patient/%N' 'GET /patient/%N' 'GET /patient/%N' 'GET /opening-hours'

sleep 20
stop reception # in the normal time as well
run reception node bin/reception.js 22503 22502
baseline 30

sleep 26
stop triage # harmless
run triage bin/triage -listen 127.0.0.1:22502 -records 127.0.0.1:22501 -ca run/tls/ca.pem -name records.vet.internal
sleep 4
injected
printf 'records-2.vet.internal\nsheets.vet.internal\n' >run/names
sleep 65

collect '{
  "title": "No patient is called in at the vet’s",
  "cause": {
    "component": "renewer",
    "aliases": ["records"],
    "category": "tls",
    "category_accept": ["configuration"],
    "evidence": ["request of DNS:records-2\\.vet\\.internal", "certificate is valid for records-2\\.vet\\.internal, sheets\\.vet\\.internal, not records\\.vet\\.internal"]
  },
  "injected": "The names for which renewer renews the certificate of records were changed to records-2.vet.internal and sheets.vet.internal. The next renewal installed such a certificate; records served it without a word, and triage, which knows records.vet.internal, refused it from its next connection on. The restart of triage some seconds before is harmless.",
  "programs": ["records (Go, gRPC, klog)", "triage (Go, gRPC, zerolog)", "reception (Node.js 20, Fastify, Winston)", "renewer (bash, OpenSSL 3.0)"],
  "held_out": true
}'
