#!/bin/bash
# zonekeeper: every 9 s writes the zone of the vineyard anew, with one more barrel, and has the name server read it.
#
#   zonekeeper.sh ZONE_FILE PID_FILE
say() { echo "$(date -u +'%FT%T+00:00') zonekeeper: $*"; }
for ((serial = 2026112701; ; serial++)); do
    {
        echo '$TTL 3'
        echo "@ IN SOA ns1.vineyard.internal. cellarer.vineyard.internal. $serial 4 3 24 3"
        echo '@ IN NS ns1.vineyard.internal.'
        echo '@ IN NS ns2.vineyard.internal.'
        for n in ns1 ns2 vat label; do echo "$n IN A 127.0.0.1"; done
        for ((b = 1; b <= serial - 2026112700; b++)); do echo "barrel-$b IN A 127.0.0.1"; done
    } >"$1"
    [ ! -e "$2" ] || kill -HUP "$(cat "$2")"
    say "serial $serial, $((serial - 2026112700)) barrels"
    sleep 9
done
