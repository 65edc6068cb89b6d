# packages: ruby python3-aiohttp
# npm: ws@8.18.3 pino@9.9.0
# A new release of the clients forgets to close WebSockets: the gateway runs out of file descriptors, and is blamed by all.
. "$(dirname "$0")/../lib.sh"
stack b-tram 22740
. "$here/servers/node.sh"

cp "$here/services/timetable.rb" bin/
run timetable ruby bin/timetable.rb 22741 22742
run boards bash -c 'ulimit -n 56; exec node bin/boards.js 22742 22741'
wait_port 22741
wait_port 22742
run signs $python bin/signs.py 22742 4.0
customers http://127.0.0.1:22742 0.5 'GET /status' 'GET /favicon.ico'

sleep 20
stop timetable # in the normal time as well
run timetable ruby bin/timetable.rb 22741 22742
baseline 30

sleep 22
injected
stop signs
run signs $python bin/signs.py 22742 4.1
sleep 12
stop timetable # harmless
run timetable ruby bin/timetable.rb 22741 22742
sleep 62

collect '{
  "title": "The boards at the tram stops go dark",
  "cause": {
    "component": "signs",
    "aliases": [],
    "category": "resource-exhaustion",
    "category_accept": ["code-defect", "capacity"],
    "evidence": ["signs/4\\.1 lamps on", "EMFILE|stop \\d+ is dark"]
  },
  "injected": "signs was restarted as release 4.1, which opens a new WebSocket for each stop every 12 s and forgets to close the old one. Half a minute later the gateway boards has no file descriptor left (ulimit -n 56): it can neither take new connections nor ask timetable. The restart of timetable is harmless.",
  "programs": ["boards (Node.js 20, ws, pino)", "signs (Python, aiohttp)", "timetable (Ruby)"],
  "held_out": true
}'
