#!/bin/bash
# curator: has a VCL file loaded and used by Varnish.
#
#   curator.sh REVISION FILE ADMIN_DIR
say() { echo "$(date -u +'%b %d %H:%M:%S') curator[$$]: $*"; }
say "revision $1 for the cache: $(sha256sum <"$2" | cut -c1-12)"
varnishadm -n "$3" vcl.load "$1" "$2" | sed "s/^/curator: /;/^curator: $/d"
varnishadm -n "$3" vcl.use "$1" | sed "s/^/curator: /;/^curator: $/d"
say "done"
