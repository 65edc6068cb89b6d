#!/bin/bash
# keeper: starts memcached with the settings of its file, and anew whenever the file has changed.
#
#   keeper.sh FILE
echo "$(date -u +'%F %T,%3N') keeper: $(cat "$1")"
read -r -a settings <"$1"
memcached "${settings[@]}" &
child=$!
old=$(cat "$1")
trap 'kill "$child"; wait "$child"; exit 0' TERM
while sleep 0.5; do
    new=$(cat "$1")
    [ "$new" != "$old" ] || continue
    kill "$child"
    wait "$child"
    old=$new
    echo "$(date -u +'%F %T,%3N') keeper: $new"
    read -r -a settings <"$1"
    memcached "${settings[@]}" &
    child=$!
done
