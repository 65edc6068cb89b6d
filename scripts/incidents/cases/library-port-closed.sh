# packages: iptables
# npm: fastify@5.6.1 pino@9.9.0
# The firewall gets rules that drop the packets to a service which is well and hears of nobody any more.
. "$(dirname "$0")/../lib.sh"
stack b-library 22380
. "$here/servers/node.sh"

printf '6 22398,22399\n' >run/rules
run guard bash "$here/services/guard.sh" run/rules
run shelf java -Xmx64m -cp bin Shelf 22381
wait_port 22381
lending() { run lending $python bin/lending.py 22382 22381; wait_port 22382; }
lending
run readers node bin/readers.js 22383 22382
wait_port 22383
customers http://127.0.0.1:22383 3 'GET /book/%R' 'GET /book/%R' 'GET /book/%R' 'GET /cookies'

sleep 12
printf '7 22397,22398\n' >run/rules # rules in the normal time as well
sleep 8
stop lending
lending
baseline 30

sleep 20
stop lending # harmless
lending
sleep 6
injected
printf '8 22381,22397\n' >run/rules
sleep 55
stop guard

collect '{
  "title": "No book is lent: shelf cannot be reached",
  "cause": {
    "component": "guard",
    "aliases": ["firewall", "iptables"],
    "category": "network",
    "category_accept": ["configuration"],
    "evidence": ["revision 8 applied, closed: 22381,22397", "shelf: .*timed out"]
  },
  "injected": "guard, which keeps the firewall, was given rules (revision 8) that drop all packets to the port of shelf. shelf is well, hears of nobody any more and complains of nothing; lending runs into its time limit of 3 s, readers quotes it. guard applied rules in the normal time as well. The restart of lending is harmless.",
  "programs": ["shelf (Java 17, System.Logger)", "lending (Python, wsgiref)", "readers (Node.js 20, Fastify, pino)", "guard (bash, iptables 1.8)"],
  "held_out": true
}'
