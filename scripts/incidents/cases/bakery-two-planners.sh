# packages: celery redis-server sqlite3 ruby
# npm: express@5.1.0 winston@3.17.0
# A second scheduler is started beside the first: every job runs twice, each of them well, until the store is empty.
. "$(dirname "$0")/../lib.sh"
stack b-bakery 22860
. "$here/servers/node.sh"

cp "$here/services/pantry.rb" bin/
export OVEN_DB=$home/run/store.db OVEN_BROKER=redis://127.0.0.1:22861/0
sqlite3 "$OVEN_DB" "PRAGMA journal_mode = WAL; CREATE TABLE store (loaves INT CHECK (loaves >= 0)); INSERT INTO store VALUES (36)" >/dev/null
redis_start 22861 --save ""
planner() { run "$1" $python -m celery --workdir bin -A ovenjobs beat -l INFO -s "$home/run/$1.schedule" --pidfile=; }
worker() { run worker $python -m celery -q --workdir bin -A ovenjobs worker -l INFO -c 2 -n worker@ovenhouse --without-gossip --without-mingle; }
worker
planner planner-1
run pantry ruby bin/pantry.rb 22862 "$OVEN_DB"
run bakery node bin/bakery.js 22863 22862
wait_port 22862
wait_port 22863
customers http://127.0.0.1:22863 2.5 'POST /loaf' 'POST /loaf' 'POST /loaf' 'GET /menu.pdf'

sleep 20
stop bakery # in the normal time as well
run bakery node bin/bakery.js 22863 22862
baseline 30

sleep 25
injected
planner planner-2
sleep 9
stop bakery # harmless
run bakery node bin/bakery.js 22863 22862
sleep 70

collect '{
  "title": "The bakery runs out of loaves while it bakes as many as ever",
  "cause": {
    "component": "planner-2",
    "aliases": ["planner", "planner-1", "beat"],
    "category": "configuration",
    "category_accept": ["code-defect"],
    "evidence": ["no loaf given out", "CHECK constraint failed: loaves >= 0"]
  },
  "injected": "A second scheduler (celery beat), planner-2, was started beside planner-1: each job is sent and done twice, well each time, so 24 loaves instead of 12 are set aside for the regulars every 6 s. Half a minute later the shelf is empty: pantry has no loaf to give out, bakery cannot sell, and the jobs fail at times themselves. The new log and the pairs of jobs in that of the worker tell. The restart of bakery 9 s later is harmless.",
  "programs": ["Celery 5.2 (worker, beat)", "Redis 7.0", "pantry (Ruby, sqlite3)", "bakery (Node.js 20, Express, Winston)"]
}'
