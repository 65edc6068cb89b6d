#!/bin/bash
# Makes the incidents of testdata/incidents anew, each by running real programs and breaking one of them.
#
#   scripts/incidents/make.sh            all of them, one after another (about 3 minutes each)
#   scripts/incidents/make.sh NAME…      some of them
#   scripts/incidents/make.sh --install  the Debian packages it needs, without starting their services
#
# It must be root on a Debian 12 machine: PostgreSQL runs as its own user, and one case mounts a small tmpfs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ "${1:-}" = --install ]; then
    [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; }
    apt-get -o DPkg::Lock::Timeout=300 update
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y postgresql-15 nginx-light redis-server \
        haproxy rabbitmq-server dnsmasq-base openjdk-17-jdk-headless nodejs openssl python3-psycopg2 python3-redis python3-pika
    exit
fi

mkdir -p "$here/.build"
cd "$here/services"
for service in till ledger parcels mkcert boarding; do
    go build -trimpath -o "$here/.build/$service" "./$service"
done
go build -trimpath -tags v190 -o "$here/.build/ledger-1.9.0" ./ledger
javac -d "$here/.build" ./*.java

[ $# -gt 0 ] || set -- $(cd "$here/cases" && ls | sed 's/\.sh$//')
for name; do
    echo "== $name"
    bash "$here/cases/$name.sh"
done
