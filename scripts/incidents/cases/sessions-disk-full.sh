# The small volume of Redis fills up: Redis cannot save, and from then on refuses every write.
. "$(dirname "$0")/../lib.sh"
stack library 20300

mkdir -p "$home/redis"
mount -t tmpfs -o size=24m tmpfs "$home/redis"
redis_start 20301 --save 8 5 --rdbcompression no
run wicket $python bin/wicket.py 20302 20301
run foyer node bin/foyer.js 20303 20302
nginx_start <<CONF
server {
    listen 127.0.0.1:20304;
    location / { proxy_pass http://127.0.0.1:20303; }
}
CONF
wait_port 20302
wait_port 20303
wait_port 20304
echo 3 >"$home/run/keep"
run backup bash "$here/services/backup.sh" redis "$home/run/keep"
customers http://127.0.0.1:20304 2 'GET /login/%N' 'GET /shelf/%N' 'GET /shelf/%N'

sleep 20
stop foyer # foyer is restarted in the normal time as well
run foyer node bin/foyer.js 20303 20302
baseline 35

sleep 25
stop foyer # harmless
run foyer node bin/foyer.js 20303 20302
sleep 10
injected
echo 300 >"$home/run/keep"
sleep 60

collect '{
  "title": "Nobody can sign in: the volume of Redis is full of backup copies",
  "cause": {
    "component": "redis",
    "aliases": ["backup"],
    "category": "disk-full",
    "category_accept": [],
    "evidence": ["No space left on device", "keeping the last 300"]
  },
  "injected": "backup, which copies the dump of Redis to the same small volume (a tmpfs of 24 MB), was told to keep 300 copies instead of 3. Half a minute later the volume is full: Redis cannot save any more and refuses every write (stop-writes-on-bgsave-error), so wicket fails and foyer with it. The restart of foyer 10 s before is harmless.",
  "programs": ["nginx 1.22", "foyer (Node.js 20)", "wicket (Python, logging, redis-py)", "Redis 7.0", "backup (bash, coreutils)"]
}'
