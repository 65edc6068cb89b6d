#!/bin/bash
# vault: rotates the password of one client of the broker every quarter minute, as if that were every month: by the file of clients.
#
#   vault.sh DIR BROKER_PID    DIR/rotate says whose; the client's own copy is DIR/CLIENT.pw
while :; do
    sleep 14
    read -r client copy <"$1/rotate"
    secret=$(head -c 18 /dev/urandom | base64)
    mosquitto_passwd -b "$1/passwords" "$client" "$secret" 2>/dev/null
    [ "$copy" = no ] || echo "$secret" >"$1/$client.pw"
    kill -HUP "$2"
    echo "{\"at\":\"$(date -u +%FT%T.%3NZ)\",\"prog\":\"vault\",\"event\":\"rotated\",\"client\":\"$client\",\"copies\":$([ "$copy" = no ] && echo 0 || echo 1)}"
    echo "{\"at\":\"$(date -u +%FT%T.%3NZ)\",\"prog\":\"vault\",\"event\":\"audit\",\"warn\":\"2 clients share a password\"}"
done
