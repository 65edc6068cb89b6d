#!/usr/bin/env bash
# with-services.sh COMMAND...: runs a command beside a PostgreSQL, a Redis and an S3 server of its own, which listen on free ports of
# this machine, keep what they are given in a temporary folder, and are gone afterwards. Their addresses are in RCA_TEST_POSTGRES,
# RCA_TEST_REDIS and RCA_TEST_S3 (with RCA_TEST_S3_KEY and RCA_TEST_S3_SECRET); "$RCA_TEST_SWITCH postgres|redis stop|start" stops one and
# starts it again. .ci/run installs what it needs.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
gateway=$here/.cache/bin/versitygw
[ -n "$bin" ] || { echo "PostgreSQL is not installed: apt-get install postgresql, or .ci/run" >&2; exit 1; }
command -v redis-server >/dev/null || { echo "Redis is not installed: apt-get install redis-server, or .ci/run" >&2; exit 1; }
[ -x "$gateway" ] || { echo "versitygw is not there: make $gateway" >&2; exit 1; }

dir=$(mktemp -d /tmp/rca-services.XXXXXX)
chmod 755 "$dir"
user=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
	user=(runuser -u postgres --)
	install -d -o postgres "$dir/pg"
fi
stop() {
	"${user[@]}" "$bin/pg_ctl" -D "$dir/pg/data" -m immediate stop >/dev/null 2>&1 || true
	kill "${s3:-}" "$(cat "$dir/redis.pid" 2>/dev/null)" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$dir"
}
trap stop EXIT
port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

mkdir -p "$dir/pg"
pgport=$(port)
"${user[@]}" "$bin/initdb" -D "$dir/pg/data" -A trust -U postgres --no-sync >/dev/null
redisport=$(port)
cat >"$dir/switch" <<END
#!/bin/sh
case "\$1 \$2" in
"postgres start") ${user[@]} "$bin/pg_ctl" -D "$dir/pg/data" -l "$dir/pg/log" -w -o "-p $pgport -k $dir/pg -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300" start >/dev/null ;;
"postgres stop") ${user[@]} "$bin/pg_ctl" -D "$dir/pg/data" -m immediate -w stop >/dev/null ;;
"redis start") redis-server --port "$redisport" --bind 127.0.0.1 --save '' --appendonly no --dir "$dir" --daemonize yes --pidfile "$dir/redis.pid" --logfile "$dir/redis.log" >/dev/null ;;
"redis stop") kill -9 "\$(cat "$dir/redis.pid")" ;;
*) exit 2 ;;
esac
END
chmod 755 "$dir/switch"
"$dir/switch" postgres start
"$dir/switch" redis start

s3port=$(port)
mkdir -p "$dir/s3" "$dir/versions"
ROOT_ACCESS_KEY=rca-test ROOT_SECRET_KEY=rca-test-secret "$gateway" --port "127.0.0.1:$s3port" posix --versioning-dir "$dir/versions" "$dir/s3" >"$dir/s3.log" 2>&1 &
s3=$!

for p in "$redisport" "$s3port"; do
	for try in $(seq 100); do
		(: <"/dev/tcp/127.0.0.1/$p") 2>/dev/null && break
		[ "$try" -lt 100 ] || { echo "no answer at port $p:" >&2; cat "$dir"/*.log >&2; exit 1; }
		sleep 0.1
	done
done

export RCA_TEST_POSTGRES="postgres://postgres@127.0.0.1:$pgport/postgres?sslmode=disable"
export RCA_TEST_SWITCH="$dir/switch"
export RCA_TEST_REDIS="redis://127.0.0.1:$redisport/0"
export RCA_TEST_S3="http://127.0.0.1:$s3port" RCA_TEST_S3_KEY=rca-test RCA_TEST_S3_SECRET=rca-test-secret
"$@"
