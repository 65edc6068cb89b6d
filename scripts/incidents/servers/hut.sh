# packages: python3-flask gunicorn
# Sourced by cases of the ski school: the app of the skiers.
hut() { # PORT PASSDESK_PORT LIFTGATE_PORT
    PASSDESK=http://127.0.0.1:$2 LIFTGATE=http://127.0.0.1:$3 HUT_CONFIG=$home/run/hut.json \
        run hut gunicorn --chdir "$home/bin" --bind "127.0.0.1:$1" --workers 1 --threads 12 --access-logfile - --worker-tmp-dir "$home/run" hut:app
    wait_port "$1"
}
