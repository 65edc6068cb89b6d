#!/bin/bash
# rollout: writes the upstreams of nginx anew, has them checked, and reloads nginx.
#
#   rollout.sh REVISION PORT DIR
say() { echo "$(date -u +'%FT%TZ') rollout: $*"; }
say "revision $1: writing upstreams.conf"
echo "upstream seats { server 127.0.0.1:$2; }" >"$3/upstreams.conf"
if nginx -t -q -p "$3" -c "$3/nginx.conf" -e /dev/null; then
    kill -HUP "$(cat "$3/../run/nginx.pid")"
    say "revision $1: checked, nginx reloaded"
else
    say "revision $1: refused by nginx -t"
fi
