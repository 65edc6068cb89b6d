# The copy of the database is taken with all tables locked, and its target takes no more: nobody can write.
# npm: mysql2@3.24.6
. "$(dirname "$0")/../lib.sh"
. "$here/servers/mariadb.sh"
stack a-greenhouse 21190
cp -r "$here/.build/node_modules" "$here/services/snapkeep.sh" bin/

mariadb_start 21191 --lock-wait-timeout=4 --innodb-lock-wait-timeout=4
maria shop <<'SQL'
CREATE TABLE plant (id INT PRIMARY KEY, pots INT, watered DATETIME);
INSERT INTO plant SELECT seq, 5000, NOW() FROM seq_1_to_40;
SQL
mkdir vault tape
mkfifo tape/reel-2 # a target that nobody takes anything from
echo "$home/vault/shop.copy" >run/target
run nursery node bin/nursery.js 21192 21191
run sprinkler $python bin/sprinkler.py 21191
run snapkeep bash bin/snapkeep.sh "$home/run/mariadb.sock" "$home/mariadb/shop" "$home/run/target"
nginx_start <<CONF
server {
    listen 127.0.0.1:21193;
    location / { proxy_pass http://127.0.0.1:21192; }
}
CONF
for p in 21192 21193; do wait_port $p; done
customers http://127.0.0.1:21193 3 'POST /sell/%N' 'POST /sell/%N' 'GET /look/%N' 'GET /look/%N' 'POST /sell/rose'

sleep 18
kill -HUP "$(cat run/nginx.pid)"
baseline 30

sleep 16
stop nursery # harmless
run nursery node bin/nursery.js 21192 21191
sleep 10
injected
echo "$home/tape/reel-2" >run/target
sleep 62
exec 9<>tape/reel-2 # lets the copy end

collect '{
  "title": "Plants can be looked at and not sold: every write waits for a lock",
  "cause": {
    "component": "snapkeep",
    "aliases": [],
    "category": "lock-contention",
    "category_accept": [],
    "evidence": ["tables locked, copying to /srv/a-greenhouse/tape/reel-2", "Lock wait timeout exceeded; try restarting transaction"]
  },
  "injected": "snapkeep copies the files of the database under FLUSH TABLES WITH READ LOCK. It was told to copy to a tape (a named pipe) that takes nothing: the copy never ends, and the lock stays. Every write of nursery and sprinkler ends after 4 s with error 1205, and the pool of nursery fills up, so that in the end even who only looks is refused. MariaDB itself logs only that connections were aborted. The restart of nursery 10 s before is harmless.",
  "programs": ["nginx 1.22", "MariaDB 10.11", "nursery (Node.js 20, mysql2)", "sprinkler (Python, logging, PyMySQL)", "snapkeep (bash, mariadb client)"]
}'
