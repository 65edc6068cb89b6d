# A release of ledger forgets to close its rows: every query keeps a connection, until PostgreSQL has none left.
. "$(dirname "$0")/../lib.sh"
stack tearoom 20200

postgres_start 20201 max_connections=20
shop_schema
redis_start 20202 --save 30 1
run pricing $python bin/pricing.py 20203 20202
run till bin/till -listen 127.0.0.1:20204 -pricing http://127.0.0.1:20203 \
    -db "postgres://till:kettle@127.0.0.1:20201/teahouse?application_name=till&pool_max_conns=8&sslmode=disable&pool_max_conn_lifetime=3s&pool_health_check_period=500ms"
run ledger bin/ledger -db "postgres://ledger:quill@127.0.0.1:20201/teahouse?application_name=ledger&sslmode=disable"
run stocktake $python bin/stocktake.py 20201 20206
nginx_start <<CONF
server {
    listen 127.0.0.1:20205;
    location / { proxy_pass http://127.0.0.1:20204; }
}
CONF
wait_port 20203
wait_port 20204
wait_port 20205
customers http://127.0.0.1:20205 4 'GET /teas' 'POST /checkout {"tea":%N,"grams":50}' 'POST /checkout {"tea":%N,"grams":125}'

sleep 25
stop till # till is restarted in the normal time as well
run till bin/till -listen 127.0.0.1:20204 -pricing http://127.0.0.1:20203 \
    -db "postgres://till:kettle@127.0.0.1:20201/teahouse?application_name=till&pool_max_conns=8&sslmode=disable&pool_max_conn_lifetime=3s&pool_health_check_period=500ms"
baseline 35

sleep 25
stop pricing # harmless
run pricing $python bin/pricing.py 20203 20202
sleep 12
injected
stop ledger
run ledger bin/ledger-1.9.0 -db "postgres://ledger:quill@127.0.0.1:20201/teahouse?application_name=ledger&sslmode=disable"
sleep 60

collect '{
  "title": "The shop is turned away by PostgreSQL after a release of ledger that leaks connections",
  "cause": {
    "component": "ledger",
    "aliases": [],
    "category": "code-defect",
    "category_accept": ["resource-exhaustion"],
    "evidence": ["msg=\"ledger started\" service=ledger version=1\\.9\\.0", "msg=\"summed up sales\" service=ledger .*db_in_use=([5-9]|1[0-9])"]
  },
  "injected": "ledger was released as 1.9.0, whose query leaves its rows unclosed: each of its queries keeps one more connection for ever. After some 12 s the 17 connections open to users are gone, and till and stocktake are refused. The restart of pricing 12 s before is harmless.",
  "programs": ["nginx 1.22", "PostgreSQL 15", "Redis 7.0", "till (Go, log/slog JSON, pgx)", "ledger (Go, log/slog text, database/sql)", "pricing (Python, logging, redis-py)", "stocktake (Python, psycopg2)"]
}'
