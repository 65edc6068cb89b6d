# Sourced by cases/*.sh: a stack of real servers in /srv/STACK, on loopback ports, as separate processes.
#
#   stack NAME PORT       an empty /srv/NAME; PORT is the first of the ports it may use
#   run COMPONENT CMD…    a process whose output is appended to COMPONENT.log
#   baseline SECONDS      let it run, then move what was logged to baseline/ (as logrotate's copytruncate does)
#   injected              remember this moment as that of the fault
#   collect JSON          copy the logs, write incident.json from JSON and the moment

set -euo pipefail
export TZ=UTC LC_ALL=C.UTF-8 PYTHONUNBUFFERED=1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
incidents=$(cd "$here/../../testdata/incidents" && pwd)
python=/usr/bin/python3
declare -A pid

stack() {
    name=$(basename "$0" .sh) home=/srv/$1 port=$2 log=/srv/$1/log
    out=$incidents/$name
    for mounted in $(awk -v h="$home/" 'index($2, h) == 1 {print $2}' /proc/mounts); do umount "$mounted"; done
    rm -rf "$home"
    mkdir -p "$home"/{log,run,bin}
    chmod 755 "$home" "$home/log"
    chmod 777 "$home/run"
    cp "$here"/services/*.{py,js,java} "$home/bin/" 2>/dev/null || true
    find "$here/.build" -maxdepth 1 -type f -exec cp -l -t "$home/bin/" {} + 2>/dev/null || find "$here/.build" -maxdepth 1 -type f -exec cp -t "$home/bin/" {} +
    trap stop_all EXIT
    cd "$home"
}

run() {
    local component=$1
    shift
    "$@" >>"$log/$component.log" 2>&1 </dev/null &
    pid[$component]=$!
}

# piped COMPONENT CMD…: like run, for HAProxy, which undoes the O_APPEND that baseline needs
piped() {
    local component=$1
    shift
    "$@" > >(exec cat >>"$log/$component.log") 2>&1 </dev/null &
    pid[$component]=$!
}

# quiet COMPONENT CMD…: like run, without a log of its own (the customers, a server that writes its own file)
quiet() {
    local component=$1
    shift
    "$@" >>"$home/run/$component.out" 2>&1 </dev/null &
    pid[$component]=$!
}

stop() { # COMPONENT: ends it; kills it if it will not end, as Redis without room for its dump
    local p=${pid[$1]} i
    kill "$p" 2>/dev/null || true
    for i in $(seq 50); do
        kill -0 "$p" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$p" 2>/dev/null || true
    wait "$p" 2>/dev/null || true
    unset "pid[$1]"
}

stop_all() {
    local component
    for component in "${!pid[@]}"; do stop "$component"; done
    for mounted in $(awk -v h="$home/" 'index($2, h) == 1 {print $2}' /proc/mounts); do umount "$mounted" || true; done
}

wait_port() { # PORT: until something listens there
    local i
    for i in $(seq 150); do
        if (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
        sleep 0.2
    done
    echo "nothing listens on $1" >&2
    return 1
}

postgres_start() { # PORT [setting=value …]
    local p=$1 setting args=()
    shift
    for setting in "$@"; do args+=(-c "$setting"); done
    mkdir -p "$home/pgdata"
    chown postgres "$home/pgdata"
    echo loopback >"$home/run/pw"
    "${as_postgres[@]}" /usr/lib/postgresql/15/bin/initdb -D "$home/pgdata" -U postgres --auth-local=trust \
        --auth-host=scram-sha-256 --pwfile="$home/run/pw" --locale=C.UTF-8 >/dev/null
    run postgres "${as_postgres[@]}" /usr/lib/postgresql/15/bin/postgres -D "$home/pgdata" -p "$p" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories="$home/run" -c log_line_prefix='%m [%p] %q%u@%d ' \
        -c log_checkpoints=on -c checkpoint_timeout=30s -c log_autovacuum_min_duration=0 -c autovacuum_naptime=25s \
        -c shared_buffers=32MB -c timezone=UTC -c log_timezone=UTC "${args[@]}"
    pgport=$p
    wait_port "$p"
}

as_postgres=(setpriv --reuid postgres --regid postgres --clear-groups)

sql() { psql -q -v ON_ERROR_STOP=1 -h "$home/run" -p "$pgport" -U postgres "$@"; }

shop_schema() { sql -f "$here/services/shop.sql"; }

redis_start() { # PORT [option value …]
    local p=$1
    shift
    mkdir -p "$home/redis"
    run redis redis-server --port "$p" --bind 127.0.0.1 --dir "$home/redis" --daemonize no --logfile "" "$@"
    wait_port "$p"
}

nginx_start() { # the configuration is on stdin: the inside of http { }
    mkdir -p "$home/nginx"
    cat >"$home/nginx/site.conf"
    cat >"$home/nginx/nginx.conf" <<NGINX
daemon off;
worker_processes 1;
user root;
pid $home/run/nginx.pid;
error_log $log/nginx-error.log notice;
events { worker_connections 256; }
http {
    access_log $log/nginx-access.log;
    client_body_temp_path $home/nginx/body;
    proxy_temp_path $home/nginx/proxy;
    fastcgi_temp_path $home/nginx/fastcgi;
    uwsgi_temp_path $home/nginx/uwsgi;
    scgi_temp_path $home/nginx/scgi;
    include $home/nginx/site.conf;
}
NGINX
    quiet nginx nginx -p "$home/nginx" -c "$home/nginx/nginx.conf" -e "$log/nginx-error.log"
}

customers() { # URL RATE 'METHOD PATH [BODY]' …
    quiet customers "$python" "$here/drive.py" "$@"
}

baseline() {
    sleep "$1"
    rm -rf "$out"
    mkdir -p "$out/baseline"
    local f
    for f in "$log"/*.log; do
        cp "$f" "$out/baseline/"
        truncate -s 0 "$f"
    done
    forget_kernel "$out/baseline"
}

# nginx names the kernel when it starts: the only line that is not as it was written
forget_kernel() { sed -i 's/: OS: Linux .*/: OS: Linux 6.1.0-amd64/' "$1/nginx-error.log" 2>/dev/null || true; }

injected() { injected_at=$(date -u +%Y-%m-%dT%H:%M:%SZ); }

collect() {
    rm -rf "$out/logs"
    mkdir -p "$out/logs"
    cp "$log"/*.log "$out/logs/"
    forget_kernel "$out/logs"
    find "$out" -name '*.log' -empty -delete
    chmod -R u=rwX,go=rX "$out"
    $python - "$out/incident.json" "$injected_at" <<PY
import json, sys
incident = json.loads(r'''$1''')
incident["injected_at"] = sys.argv[2]
order = ["title", "cause", "injected", "injected_at", "programs", "held_out"]
with open(sys.argv[1], "w") as f:
    json.dump({k: incident[k] for k in order if k in incident}, f, indent=2, ensure_ascii=False)
    f.write("\n")
PY
    du -sh "$out"
}
