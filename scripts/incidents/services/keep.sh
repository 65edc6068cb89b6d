#!/bin/bash
# keep: starts a program again whenever it ends.
#
#   keep.sh COMMAND…
trap 'kill "$child" 2>/dev/null; wait "$child"; exit 0' TERM
while :; do
    "$@" &
    child=$!
    wait "$child"
    code=$?
    echo "$(date -u +'%F %T') keep: $(basename "$1") ended with status $code, starting it again in 2 s"
    sleep 2 &
    child=$!
    wait "$child"
done
