# packages: mariadb-server python3-pymysql
# Sourced by cases: MariaDB as Debian packages it.
#
#   mariadb_start PORT [--option=value …]   logs to mariadb.log; there is a database shop and a user app (password: flour)
#   maria [DATABASE]                        a client of its administrator

mariadb_start() {
    local p=$1
    shift
    mkdir -p "$home/mariadb"
    chown mysql "$home/mariadb"
    unshare -u bash -c 'hostname db1; exec mariadb-install-db --no-defaults --user=mysql --skip-test-db --datadir="$1"' - \
        "$home/mariadb" >/dev/null 2>&1 # it writes the name of the host into the tables, and the server complains of it
    maria_options=(--no-defaults --user=mysql --datadir="$home/mariadb" --socket="$home/run/mariadb.sock" --port="$p"
        --bind-address=127.0.0.1 --pid-file="$home/run/mariadb.pid" --innodb-buffer-pool-size=32M --log-warnings=2
        --skip-name-resolve "$@")
    run mariadb mariadbd "${maria_options[@]}"
    wait_port "$p"
    maria <<<"CREATE DATABASE shop; CREATE USER app@'%' IDENTIFIED BY 'flour'; GRANT ALL ON shop.* TO app@'%'"
}

maria() { mariadb --no-defaults --socket="$home/run/mariadb.sock" -u root "$@"; }
