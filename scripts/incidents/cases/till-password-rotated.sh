# The password of a role is rotated, and the service that uses it is not told.
. "$(dirname "$0")/../lib.sh"
stack bazaar 20900

postgres_start 20901
shop_schema
redis_start 20902 --save 30 1
run pricing $python bin/pricing.py 20903 20902
echo kettle >run/till.password
echo quill >run/ledger.password
till() {
    run till bin/till -listen 127.0.0.1:20904 -pricing http://127.0.0.1:20903 \
        -db "postgres://till:$(cat run/till.password)@127.0.0.1:20901/teahouse?application_name=till&sslmode=disable&pool_max_conns=6&pool_max_conn_lifetime=10s&pool_health_check_period=1s"
}
ledger() {
    run ledger bin/ledger -db "postgres://ledger:$(cat run/ledger.password)@127.0.0.1:20901/teahouse?application_name=ledger&sslmode=disable"
}
till
ledger
run stocktake $python bin/stocktake.py 20901 20906
nginx_start <<CONF
server {
    listen 127.0.0.1:20905;
    location / { proxy_pass http://127.0.0.1:20904; }
}
CONF
wait_port 20903
wait_port 20904
wait_port 20905
customers http://127.0.0.1:20905 3 'GET /teas' 'POST /checkout {"tea":%N,"grams":50}' 'POST /checkout {"tea":%N,"grams":125}'

sleep 25
run keyring $python bin/keyring.py 20901 ledger quill-2 run/ledger.password # a rotation as it should be
sleep 2
stop ledger
ledger
baseline 35

sleep 20
kill -HUP "${pid[nginx]}" # harmless
sleep 15
injected
run keyring $python bin/keyring.py 20901 till kettle-2
sleep 60

collect '{
  "title": "The shop fails: till no longer gets into its database",
  "cause": {
    "component": "till",
    "aliases": ["keyring", "postgres", "postgresql"],
    "category": "credential",
    "category_accept": [],
    "evidence": ["password authentication failed for user .*till", "role till: password rotated, valid for 30 days", "role till: handed to 0 holders"]
  },
  "injected": "keyring gave the role till of PostgreSQL a new password and handed it to nobody. The connections of till live for ten seconds, so soon none of them is left and PostgreSQL refuses new ones. The same rotation for ledger in the normal time was done well, and ledger goes on working. The reload of nginx is harmless.",
  "programs": ["nginx 1.22", "PostgreSQL 15", "Redis 7.0", "till (Go, log/slog JSON, pgx)", "ledger (Go, log/slog text, database/sql)", "keyring (Python, psycopg2)", "pricing (Python, logging, redis-py)", "stocktake (Python, psycopg2)"]
}'
