# memcached is started with room for next to nothing: everything is worked out anew, and MariaDB cannot.
# packages: memcached python3-pymemcache ruby ruby-webrick
. "$(dirname "$0")/../lib.sh"
. "$here/servers/mariadb.sh"
stack a-reserve 21090
cp "$here"/services/{birdwalk.rb,keeper.sh} bin/

echo '-u nobody -l 127.0.0.1 -p 21091 -m 64 -t 2' >run/memcached.conf
run memcached bash bin/keeper.sh run/memcached.conf
mariadb_start 21092 --slow-query-log --long-query-time=0.4 --slow-query-log-file="$home/mariadb/slow.log"
maria shop <<'SQL'
CREATE TABLE seen (id INT AUTO_INCREMENT PRIMARY KEY, bird INT, place INT, day INT, KEY (bird), KEY (place));
INSERT INTO seen (bird, place, day) SELECT 1 + seq MOD 40, 1 + (seq * 7) MOD 43, seq MOD 997 FROM seq_1_to_34000;
ANALYZE TABLE seen;
SQL
run sightings $python bin/sightings.py 21093 21091 21092
wait_port 21093
for n in $(seq 40); do curl -s "http://127.0.0.1:21093/bird/$n" >/dev/null; done # the cache is warm
run birdwalk ruby bin/birdwalk.rb 21094 21093
wait_port 21094
ln "$home/mariadb/slow.log" "$log/mariadb-slow.log"
customers http://127.0.0.1:21094 4 'GET /walk/%N' 'GET /walk/%N' 'GET /walk/%N' 'GET /walk/%N' 'GET /feed.xml'

sleep 20
stop birdwalk
run birdwalk ruby bin/birdwalk.rb 21094 21093
baseline 30

sleep 15
stop birdwalk # harmless
run birdwalk ruby bin/birdwalk.rb 21094 21093
sleep 12
injected
echo '-u nobody -l 127.0.0.1 -p 21091 -m 2 -t 2' >run/memcached.conf
sleep 60

collect '{
  "title": "The reserve answers late or not at all: the database works out everything anew",
  "cause": {
    "component": "memcached",
    "aliases": ["keeper"],
    "category": "capacity",
    "category_accept": ["configuration", "resource-exhaustion"],
    "evidence": ["keeper: .* -m 2 ", "no turn at the database within 4 s"]
  },
  "injected": "memcached was started with -m 2 instead of -m 64: it holds two megabytes, which is less than the answers for the birds people ask for. sightings misses nearly always and has MariaDB work out each answer, of which MariaDB does one at a time; sightings and birdwalk fail. memcached says nothing. The restart of birdwalk 12 s before is harmless.",
  "programs": ["memcached 1.6", "MariaDB 10.11", "sightings (Python, logging, pymemcache, PyMySQL)", "birdwalk (Ruby, WEBrick)", "keeper (bash)"]
}'
