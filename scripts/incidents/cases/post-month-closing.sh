# packages: python3-django gunicorn ruby-sinatra puma php-cli php-sqlite3 php-monolog
# The closing of the month holds SQLite's only write lock while it draws receipts: all who scan parcels find the database locked.
. "$(dirname "$0")/../lib.sh"
stack b-post 22200

cp "$here"/services/{counter.rb,closing.php} bin/
export PARCELBOOK_DB=$home/run/parcels.db
$python - "$PARCELBOOK_DB" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript("PRAGMA journal_mode = WAL; CREATE TABLE scans (parcel INT, place TEXT, at TEXT); CREATE TABLE totals (name TEXT, amount INT); INSERT INTO totals VALUES ('day', 0), ('month', 0);")
PY
echo day >run/closing.mode
book() { run parcelbook gunicorn --chdir "$home/bin" --bind 127.0.0.1:22201 --workers 2 --threads 4 --access-logfile - --worker-tmp-dir "$home/run" parcelbook; }
book
run sorter $python bin/sorter.py "$PARCELBOOK_DB"
run closing php bin/closing.php "$PARCELBOOK_DB"
run counter ruby bin/counter.rb 22202 22201
wait_port 22201
wait_port 22202
customers http://127.0.0.1:22202 2.5 'POST /parcel/%N' 'GET /parcel/%N' 'GET /parcel/%N' 'GET /stamps'

sleep 20
stop parcelbook # in the normal time as well
book
baseline 30

sleep 20
kill -HUP "${pid[parcelbook]}" # harmless
sleep 6
injected
echo month >run/closing.mode
sleep 65

collect '{
  "title": "Parcels cannot be scanned: the closing of the month holds the database",
  "cause": {
    "component": "closing",
    "aliases": ["closing.php"],
    "category": "lock-contention",
    "category_accept": ["code-defect"],
    "evidence": ["closing the month", "database is locked", "receipts drawn"]
  },
  "injected": "closing was told that the month is due: it draws 1400 receipts in one transaction (70 s), instead of 3 (0.15 s), and holds the only write lock of SQLite meanwhile. parcelbook and sorter give up after some seconds, reads go on. The reload of parcelbook some seconds before is harmless.",
  "programs": ["parcelbook (Django 3.2, gunicorn 20.1, SQLite 3.40)", "counter (Ruby, Sinatra, Puma)", "sorter (Python)", "closing (PHP 8.2, Monolog)"]
}'
