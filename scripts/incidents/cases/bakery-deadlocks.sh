# A release of larder locks the rows of the stores in the opposite order of everybody else; hearth is the victim of the deadlocks.
# npm: winston@3.19.0
. "$(dirname "$0")/../lib.sh"
. "$here/servers/mariadb.sh"
stack a-bakery 21000
cp -r "$here/.build/node_modules" bin/

mariadb_start 21001 --innodb-print-all-deadlocks=ON
maria shop <<'SQL'
CREATE TABLE store (id INT PRIMARY KEY, name VARCHAR(20), grams BIGINT);
INSERT INTO store VALUES (1, 'rye', 900000), (2, 'wheat', 900000), (3, 'spelt', 900000), (4, 'yeast', 900000), (5, 'salt', 900000), (6, 'caraway', 900000);
CREATE TABLE delivery (id BIGINT AUTO_INCREMENT PRIMARY KEY, van INT, shelf INT, grams INT);
SQL
run hearth $python bin/hearth.py 21002 21001
run larder $python bin/larder.py 21001 4.8
run counter node bin/counter.js 21003 21002
nginx_start <<CONF
server {
    listen 127.0.0.1:21004;
    location / { proxy_pass http://127.0.0.1:21003; }
}
CONF
wait_port 21002
wait_port 21003
wait_port 21004
customers http://127.0.0.1:21004 2 'POST /order/%R' 'POST /order/%R' 'POST /order/%R' 'POST /order/%R' 'GET /favicon.ico'

sleep 20
kill -HUP "$(cat run/nginx.pid)" # nginx is reloaded in the normal time as well
baseline 25

sleep 25
injected
stop larder
run larder $python bin/larder.py 21001 5.0
sleep 5
stop counter # harmless
run counter node bin/counter.js 21003 21002
kill -HUP "$(cat run/nginx.pid)"
sleep 45

collect '{
  "title": "Orders fail at random: hearth is the victim of deadlocks in MariaDB",
  "cause": {
    "component": "larder",
    "aliases": [],
    "category": "deadlock",
    "category_accept": ["lock-contention", "code-defect"],
    "evidence": ["larder/5\\.0\\] .* up, shelves in the order \\[6, 5, 4, 3, 2, 1\\]", "Deadlock found when trying to get lock", "InnoDB: Transactions deadlock detected"]
  },
  "injected": "larder was released as 5.0, which goes through the shelves from the back to the front, while hearth locks the rows from the front to the back. MariaDB ends the smaller transaction of each deadlock, which is that of hearth: larder itself hardly notices. The restart of counter and the reload of nginx 5 s after are harmless.",
  "programs": ["nginx 1.22", "MariaDB 10.11", "counter (Node.js 20, winston)", "hearth (Python, PyMySQL)", "larder (Python, PyMySQL)"]
}'
