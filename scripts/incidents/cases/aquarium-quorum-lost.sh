# packages: etcd-server
# npm: fastify@5.6.1
# One member of etcd has been away for long; now a second is killed: the one that is left has no leader, and talks the most.
. "$(dirname "$0")/../lib.sh"
stack b-seals 22030
. "$here/servers/etcd.sh"
. "$here/servers/node.sh"

etcd_start 22031 3
stop etcd-3 # has been away since before the baseline
rm log/etcd-3.log
tanks() { run tanks bin/tanks -listen 127.0.0.1:22041 -etcd 127.0.0.1:22031,127.0.0.1:22033,127.0.0.1:22035; }
tanks
run ticketing node bin/ticketing.js 22042 22041
wait_port 22041
wait_port 22042
customers http://127.0.0.1:22042 2 'GET /visit/%N' 'POST /feed/%N {"food":"herring","grams":%R}' 'GET /visit/%N' 'GET /gift-shop'

sleep 20
stop tanks # in the normal time as well
tanks
baseline 30

sleep 18
stop tanks # harmless
tanks
sleep 8
injected
kill -KILL "${pid[etcd-2]}"
sleep 45

collect '{
  "title": "No tank can be seen or fed: etcd has no leader",
  "cause": {
    "component": "etcd-2",
    "aliases": ["etcd", "etcd-3"],
    "category": "dependency-down",
    "category_accept": ["crash"],
    "evidence": ["lost TCP streaming connection with remote peer", "no leader at term|quorum is not active"]
  },
  "injected": "etcd-3 had been away since before the baseline, which the other two say all the time. Then etcd-2 was killed (SIGKILL: its log just ends). etcd-1 alone is no majority: it has no leader, asks for votes, and answers nothing that needs one; tanks and ticketing fail. The restart of tanks 8 s before is harmless.",
  "programs": ["etcd 3.4 (three members)", "tanks (Go, zap, etcd client)", "ticketing (Node.js 20, Fastify, pino)"]
}'
