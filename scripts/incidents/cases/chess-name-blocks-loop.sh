# packages: python3-aiohttp
# npm: express@5.1.0 pino@9.9.0
# A name of forty letters and an exclamation mark keeps a regular expression busy for ever: Node's only thread answers nobody.
. "$(dirname "$0")/../lib.sh"
stack b-chess 22700
. "$here/servers/node.sh"

run pairings node bin/pairings.js 22701 22702
run ratings $python bin/ratings.py 22702 22701
run lobby node bin/lobby.js 22703 22701 22702
wait_port 22701
wait_port 22702
wait_port 22703
customers http://127.0.0.1:22703 3 'POST /signup/%N {"name":"Mara Quillfeather"}' "POST /signup/%N {\"name\":\"Ode O'Brim\"}" 'POST /signup/%N {"name":"4%R"}' \
    'GET /table/%N' 'GET /rating/%N' 'GET /rating/%N' 'GET /robots.txt'

sleep 20
stop ratings # in the normal time as well
run ratings $python bin/ratings.py 22702 22701
baseline 30

sleep 18
stop ratings # harmless
run ratings $python bin/ratings.py 22702 22701
sleep 8
injected
curl -s -m 10 -H 'content-type: application/json' -d '{"name":"Aurelianaconstantinopolitanassemblyofking!"}' http://127.0.0.1:22703/signup/12 >/dev/null &
sleep 50

collect '{
  "title": "Nobody can sign up for a round, and tables are not shown",
  "cause": {
    "component": "pairings",
    "aliases": [],
    "category": "code-defect",
    "category_accept": ["bad-data", "resource-exhaustion"],
    "evidence": ["pairings did not answer", "tables not read from pairings"]
  },
  "injected": "A member signed up with a name of 42 letters and an exclamation mark. The regular expression that checks names in pairings tries more ways than it will ever come to an end with (catastrophic backtracking): its event loop is blocked, it answers nobody and writes nothing any more. Only lobby and ratings tell. The restart of ratings 8 s before is harmless.",
  "programs": ["pairings (Node.js 20)", "ratings (Python, aiohttp)", "lobby (Node.js 20, Express, pino)"]
}'
