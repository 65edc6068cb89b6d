#!/usr/bin/env bash
# load-services.sh BINARY: the figures of the service with PostgreSQL, Redis and S3, one API process and workers beside it; 50 kills of any of
# them; outages of PostgreSQL and Redis. Runs beside scripts/with-services.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
go build -o .cache/bin/load ./scripts/load
n=0
load() { # an empty database each time
	n=$((n + 1))
	psql "$RCA_TEST_POSTGRES" -qc "create database load$n"
	.cache/bin/load -database "$(sed "s#/postgres?#/load$n?#" <<<"$RCA_TEST_POSTGRES")" "$@" "$binary"
	echo
}
binary=$1
export RCA_REDIS_URL=$RCA_TEST_REDIS
load
load -workers 1 -slots 1 -only jobs
load -workers 2 -slots 1 -only jobs
load -workers 2 -kills 50
load -workers 2 -outages 10 -switch "$RCA_TEST_SWITCH"
