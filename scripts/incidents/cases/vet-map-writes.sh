# npm: fastify@5.6.1 winston@3.17.0
# A new release writes a map from several goroutines at once: the Go runtime ends the program, again and again.
. "$(dirname "$0")/../lib.sh"
stack b-vet2 22520
. "$here/servers/node.sh"

records() { run records bash "$here/services/keep.sh" bin/records -listen 127.0.0.1:22521 -release "$1"; }
triage() { run triage bin/triage -listen 127.0.0.1:22522 -records 127.0.0.1:22521; }
records 5.0.2
wait_port 22521
triage
run reception node bin/reception.js 22523 22522
wait_port 22522
wait_port 22523
customers http://127.0.0.1:22523 3 'GET /patient/%N' 'GET /patient/%N' 'GET /patient/%N' 'GET /opening-hours'

sleep 15
stop triage # in the normal time as well
triage
sleep 5
stop records
records 5.0.2
baseline 30

sleep 22
injected
stop records
records 5.1.0
sleep 6
stop triage # harmless
triage
sleep 48

collect '{
  "title": "At the vet’s, now and then nobody is called in for some seconds",
  "cause": {
    "component": "records",
    "aliases": [],
    "category": "code-defect",
    "category_accept": ["crash"],
    "evidence": ["release=\"5\\.1\\.0\"", "fatal error: concurrent map", "records ended with status 2"]
  },
  "injected": "records was restarted as release 5.1.0, which counts the visits to each doctor in four goroutines that write the same map without a lock. The Go runtime notices (concurrent map writes) and ends the program; keep starts it again, and it dies again. triage and reception fail meanwhile. The restart of triage 6 s later is harmless, and records was restarted in the normal time as well.",
  "programs": ["records (Go, gRPC, klog)", "triage (Go, gRPC, zerolog)", "reception (Node.js 20, Fastify, Winston)", "keep (bash)"]
}'
