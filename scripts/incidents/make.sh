#!/bin/bash
# Makes the incidents of testdata/incidents anew, each by running real programs and breaking one of them.
#
#   scripts/incidents/make.sh            all of them, one after another (about 3 minutes each)
#   scripts/incidents/make.sh NAME…      some of them
#   scripts/incidents/make.sh --install  what they need, without starting the services
#
# A case, or a server that several cases start (servers/*.sh), says what it needs in its first lines:
#
#   # packages: mariadb-server …         Debian packages
#   # go: example.org/cmd/tool@v1.2.3    programs to build with go install, into .build
#   # npm: express@5.1.0 …               packages, into .build/node_modules
#
# It must be root on a Debian 12 machine: servers run as their own users, and some cases mount a small tmpfs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
needs() { sed -n "s/^# $1: //p" "$here"/cases/*.sh "$here"/servers/*.sh 2>/dev/null | tr ' ' '\n' | sort -u; }

if [ "${1:-}" = --install ]; then
    [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; }
    apt-get -o DPkg::Lock::Timeout=300 update
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y postgresql-15 nginx-light redis-server \
        haproxy rabbitmq-server dnsmasq-base openjdk-17-jdk-headless nodejs openssl python3-psycopg2 python3-redis python3-pika \
        $(needs packages)
    mkdir -p "$here/.build"
    for tool in $(needs go); do GOBIN=$here/.build go install "$tool"; done
    packages=$(needs npm)
    [ -z "$packages" ] || npm install --silent --no-save --prefix "$here/.build" $packages
    exit
fi

mkdir -p "$here/.build"
cd "$here/services"
for main in */main.go; do
    go build -trimpath -o "$here/.build/${main%/main.go}" "./${main%/main.go}"
done
go build -trimpath -tags v190 -o "$here/.build/ledger-1.9.0" ./ledger
javac -d "$here/.build" ./*.java

[ $# -gt 0 ] || set -- $(cd "$here/cases" && ls | sed 's/\.sh$//')
for name; do
    echo "== $name"
    bash "$here/cases/$name.sh"
done
