#!/bin/bash
# pushed: pushes settings of all services from a folder to where they read them, whenever one is newer, and has the service reload.
#
#   pushed.sh FROM TO PID_OF_HUT_FILE
n=40
while :; do
    for f in "$1"/*.json; do
        to=$2/$(basename "$f")
        if ! cmp -s "$f" "$to"; then
            n=$((n + 1))
            printf '%(%b %e %H:%M:%S)T pushed[%d]: revision r%d: %s: %s -> %s\n' -1 $$ $n "$(basename "$f")" "$(tr -d '\n' <"$to")" "$(tr -d '\n' <"$f")"
            cp "$f" "$to"
            case $to in */hut.json) kill -HUP "$(cat "$3")" ;; esac
        fi
    done
    sleep 3
    [ $((RANDOM % 5)) -gt 0 ] || printf '%(%b %e %H:%M:%S)T pushed[%d]: warning: signature of the folder is from an old key, accepted\n' -1 $$
done
