#!/bin/bash
# warder: looks after the accounts of MariaDB: every 15 s; locks those which its list names.
#
#   warder.sh LIST SOCKET
say() { echo "$(date -u +'%b %d %T') db1 warder[$$]: $*"; }
sql() { mariadb --no-defaults --socket="$2" -u root -N -e "$1"; }
while :; do
    count=0
    while read -r account; do
        [ -n "$account" ] || continue
        if [ "$(sql "SELECT JSON_VALUE(Priv, '\$.account_locked') FROM mysql.global_priv WHERE User = '$account'" "$2")" != 1 ]; then
            sql "ALTER USER '$account'@'%' ACCOUNT LOCK" "$2"
            say "account $account: no owner on the list of this quarter, locked"
        fi
        count=$((count + 1))
    done <"$1"
    say "review done: $(sql 'SELECT COUNT(*) FROM mysql.global_priv' "$2") accounts, $count without an owner"
    sleep 15
done
