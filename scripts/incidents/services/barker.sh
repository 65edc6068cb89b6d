#!/bin/bash
# barker: writes the zone of the circus, with what is on tonight, and restarts the name server.
#
#   barker.sh SERIAL TONIGHT DIR    writes DIR/circus.zone, and the serial to DIR/restart
say() { echo "[barker $(date -u +%H:%M:%S)] $*"; }
cat >"$3/circus.zone" <<ZONE
\$TTL 4
@ IN SOA ns.circus.internal. barker.circus.internal. $1 60 30 600 4
@ IN NS ns.circus.internal.
ns IN A 127.0.0.1
tonight IN TXT $2
tents IN A 127.0.0.1
ZONE
say "serial $1 written, $(wc -l <"$3/circus.zone") lines"
echo "$1" >"$3/restart"
