# packages: python3-structlog
# npm: fastify@5.6.1
# A new release of a small service keeps whole pictures in etcd: etcd reaches its quota and refuses every write of everybody.
. "$(dirname "$0")/../lib.sh"
stack b-aquarium 22000
. "$here/servers/etcd.sh"
. "$here/servers/node.sh"

etcd_start 22001 3 --quota-backend-bytes 12000000
run tanks bin/tanks -listen 127.0.0.1:22011 -etcd 127.0.0.1:22001,127.0.0.1:22003,127.0.0.1:22005
run ticketing node bin/ticketing.js 22012 22011
run reefcam $python bin/reefcam.py http://127.0.0.1:22003 2.0.6
wait_port 22011
wait_port 22012
customers http://127.0.0.1:22012 3 'GET /visit/%N' 'POST /feed/%N {"food":"krill","grams":%R}' 'GET /visit/%N' 'GET /gift-shop'

sleep 20
stop ticketing # in the normal time as well
run ticketing node bin/ticketing.js 22012 22011
baseline 30

sleep 22
injected
stop reefcam
run reefcam $python bin/reefcam.py http://127.0.0.1:22003 2.1.0
sleep 14
stop ticketing # harmless
run ticketing node bin/ticketing.js 22012 22011
sleep 58

collect '{
  "title": "No fish can be fed: etcd is full of pictures",
  "cause": {
    "component": "reefcam",
    "aliases": ["etcd", "etcd-1", "etcd-2", "etcd-3"],
    "category": "disk-full",
    "category_accept": ["resource-exhaustion", "capacity"],
    "evidence": ["stills=full", "size=[5-7]\\d{5}\\b", "mvcc: database space exceeded", "alarm raised.*NOSPACE"]
  },
  "injected": "reefcam was restarted as release 2.1.0, which keeps stills of 600 kB in etcd instead of thumbnails of 4 kB. Half a minute later etcd is at its quota (12 MB), raises the alarm NOSPACE and refuses every write, also those of tanks, while reads go on. The restart of ticketing half a minute before the first error is harmless.",
  "programs": ["etcd 3.4 (three members)", "tanks (Go, zap, etcd client)", "ticketing (Node.js 20, Fastify, pino)", "reefcam (Python, structlog)"]
}'
