# warder locks an account of MariaDB that is in use: its list of accounts without an owner was wrong.
# packages: python3-structlog
# npm: winston@3.19.0
. "$(dirname "$0")/../lib.sh"
. "$here/servers/mariadb.sh"
stack a-castle 21170
cp -r "$here/.build/node_modules" "$here/services/warder.sh" bin/

mariadb_start 21171
maria shop <<'SQL'
CREATE TABLE room (id INT PRIMARY KEY, helmets INT, story TEXT);
INSERT INTO room SELECT seq, seq MOD 5, REPEAT('A knight lived here. ', 1 + seq MOD 9) FROM seq_1_to_40;
CREATE USER docent@'%' IDENTIFIED BY 'halberd';
GRANT SELECT ON shop.* TO docent@'%';
CREATE USER jester@'%' IDENTIFIED BY 'bells';
SQL
echo >run/ownerless
run warder bash bin/warder.sh "$home/run/ownerless" "$home/run/mariadb.sock"
run armory $python bin/armory.py 21171
run docent $python bin/docent.py 21172 21171
run drawbridge node bin/drawbridge.js 21173 21172
nginx_start <<CONF
server {
    listen 127.0.0.1:21174;
    location / { proxy_pass http://127.0.0.1:21173; }
}
CONF
for p in 21172 21173 21174; do wait_port $p; done
customers http://127.0.0.1:21174 2 'GET /room/%N' 'GET /room/%N' 'GET /room/%N' 'GET /room/dungeon'

sleep 12
echo jester >run/ownerless # an account that nobody uses is locked in the normal time
baseline 36

sleep 18
stop docent # harmless
run docent $python bin/docent.py 21172 21171
sleep 8
injected
printf 'jester\ndocent\n' >run/ownerless
sleep 60

collect '{
  "title": "The castle is silent: docent may no longer read its stories",
  "cause": {
    "component": "warder",
    "aliases": ["mariadb"],
    "category": "credential",
    "category_accept": ["permission", "configuration"],
    "evidence": ["warder\\[\\d+\\]: account docent: no owner on the list of this quarter, locked", "Access denied, this account is locked"]
  },
  "injected": "warder, which looks after the accounts of MariaDB, was given a list with docent among the accounts without an owner, and locked it at its next review. MariaDB refuses docent (error 4151), and drawbridge complains of docent; armory, which has another account, goes on. The restart of docent some seconds before is harmless.",
  "programs": ["nginx 1.22", "MariaDB 10.11", "warder (bash)", "docent (Python, structlog, PyMySQL)", "drawbridge (Node.js 20, winston)", "armory (Python, PyMySQL)"]
}'
