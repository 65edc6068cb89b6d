# A stocktake updates every row of stock in one transaction and then waits, idle in it, for a scanner.
. "$(dirname "$0")/../lib.sh"
stack teahouse 20100

postgres_start 20101 log_connections=on log_lock_waits=on
shop_schema
redis_start 20102 --save 30 1
run pricing $python bin/pricing.py 20103 20102
run till bin/till -listen 127.0.0.1:20104 -pricing http://127.0.0.1:20103 \
    -db "postgres://till:kettle@127.0.0.1:20101/teahouse?application_name=till&sslmode=disable&statement_timeout=5000&pool_max_conns=6"
quiet scanner $python bin/scanner.py 20106
run stocktake $python bin/stocktake.py 20101 20106
nginx_start <<CONF
server {
    listen 127.0.0.1:20105;
    proxy_read_timeout 6s;
    location / { proxy_pass http://127.0.0.1:20104; }
}
CONF
wait_port 20103
wait_port 20104
wait_port 20105
customers http://127.0.0.1:20105 2 'GET /teas' 'POST /checkout {"tea":%N,"grams":50}' 'POST /checkout {"tea":%N,"grams":125}'

sleep 30
kill -HUP "${pid[nginx]}" # a reload in the normal time as well
baseline 30

sleep 30
stop pricing # harmless: a restart and a reload before the fault
run pricing $python bin/pricing.py 20103 20102
sleep 6
kill -HUP "${pid[nginx]}"
sleep 9
injected
kill -USR1 "${pid[stocktake]}"
sleep 50

collect '{
  "title": "Checkouts time out while a stocktake holds the stock rows",
  "cause": {
    "component": "stocktake",
    "aliases": ["postgres", "postgresql"],
    "category": "lock-contention",
    "category_accept": [],
    "evidence": ["full stocktake: 40 teas marked, waiting for the handheld scanner", "still waiting for ShareLock on transaction", "Process holding the lock: \\d+"]
  },
  "injected": "stocktake was told to count the whole house: it updates all rows of stock in one transaction and then waits, idle in the transaction and without a timeout, for a scanner that never answers. Every checkout waits for those rows until statement_timeout (5 s). The restart of pricing and the reload of nginx shortly before are harmless.",
  "programs": ["nginx 1.22", "PostgreSQL 15", "Redis 7.0", "till (Go, log/slog)", "pricing (Python, logging, redis-py)", "stocktake (Python, psycopg2)"]
}'
