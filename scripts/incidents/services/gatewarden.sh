#!/bin/bash
# gatewarden: puts the ruleset of its file in force on the farm's router, whenever it has changed; counts what is dropped.
#
#   gatewarden.sh FILE
say() { echo "<$1>$(date -u +'%b %e %T') gatewarden: $2"; }
old=
for ((n = 0; ; n++)); do
    new=$(cat "$1")
    if [ "$new" != "$old" ]; then
        if iptables-restore <"$1"; then say 6 "$(head -n 1 "$1" | tr -d '#'): $(grep -c '^-A' "$1") rules in force"; else say 3 "ruleset refused"; fi
        old=$new
    fi
    if ((n % 20 == 19)); then say 5 "dropped so far: $(iptables -nvxL FORWARD | sed -n 's/^Chain FORWARD (policy DROP \([0-9]*\) packets.*/\1/p') packets"; fi
    sleep 0.5
done
