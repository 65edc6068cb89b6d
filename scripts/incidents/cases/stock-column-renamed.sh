# A migration renames a column that the running release of till still uses.
. "$(dirname "$0")/../lib.sh"
stack samovar 20700

postgres_start 20701
shop_schema
redis_start 20702 --save 30 1
run pricing $python bin/pricing.py 20703 20702
till() {
    run till bin/till -listen 127.0.0.1:20704 -pricing http://127.0.0.1:20703 \
        -db "postgres://till:kettle@127.0.0.1:20701/teahouse?application_name=till&sslmode=disable&pool_max_conns=6"
}
till
run ledger bin/ledger -db "postgres://ledger:quill@127.0.0.1:20701/teahouse?application_name=ledger&sslmode=disable"
run stocktake $python bin/stocktake.py 20701 20706
nginx_start <<CONF
server {
    listen 127.0.0.1:20705;
    location / { proxy_pass http://127.0.0.1:20704; }
}
CONF
wait_port 20703
wait_port 20704
wait_port 20705
customers http://127.0.0.1:20705 3 'GET /teas' 'POST /checkout {"tea":%N,"grams":50}' 'POST /checkout {"tea":%N,"grams":125}'
echo "CREATE INDEX sales_sold_at ON sales (sold_at);" >run/0041_sales_sold_at_index.sql
echo "ALTER TABLE stock RENAME COLUMN quantity TO grams_on_hand;" >run/0042_stock_in_grams.sql
echo "ALTER TABLE stock ADD COLUMN origin text;" >run/0043_stock_origin.sql

sleep 20
run migrate $python bin/migrate.py 20701 run/0041_sales_sold_at_index.sql # a migration in the normal time as well
baseline 40

sleep 20
stop pricing # harmless
run pricing $python bin/pricing.py 20703 20702
sleep 15
injected
run migrate $python bin/migrate.py 20701 run/0042_stock_in_grams.sql run/0043_stock_origin.sql
sleep 6
stop till # the first thing people try
till
sleep 45

collect '{
  "title": "The shop fails since a migration renamed the column quantity of stock",
  "cause": {
    "component": "migrate",
    "aliases": ["postgres", "postgresql"],
    "category": "schema-change",
    "category_accept": [],
    "evidence": ["applied 0042_stock_in_grams\\.sql", "column .*quantity.* does not exist"]
  },
  "injected": "migrate applied 0042_stock_in_grams.sql, which renames stock.quantity to grams_on_hand, while the running release of till still asks for quantity. A restart of till six seconds later did not help. The restart of pricing 15 s before is harmless, and so is migration 0043.",
  "programs": ["nginx 1.22", "PostgreSQL 15", "Redis 7.0", "till (Go, log/slog JSON, pgx)", "ledger (Go, log/slog text, database/sql)", "migrate (Python, psycopg2)", "pricing (Python, logging, redis-py)", "stocktake (Python, psycopg2)"]
}'
