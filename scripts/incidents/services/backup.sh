#!/bin/bash
# backup: a copy of Redis' dump and its index every 5 s; keeps as many as the file "keep" says.
#
#   backup.sh REDIS_DIR KEEP_FILE
dir=$1
say() { echo "$(date -u +'%F %T') backup[$$]: $*"; }
for ((n = 1; ; n++)); do
    sleep 5
    keep=$(cat "$2")
    if cp "$dir/dump.rdb" "$dir/copy-$n.rdb" && head -c 3000000 /dev/zero >"$dir/copy-$n.idx"; then
        say "copied dump.rdb to copy-$n.rdb, keeping the last $keep"
    else
        say "copy-$n.rdb is incomplete"
    fi
    ls -t "$dir"/copy-*.rdb | tail -n +$((keep + 1)) | while read -r old; do
        rm -f "$old" "${old%.rdb}.idx"
    done
done
