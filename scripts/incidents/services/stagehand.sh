#!/bin/bash
# stagehand: brings the tables of the theatre up to date.
#
#   stagehand.sh NUMBER NAME SOCKET    the statements are on stdin
say() { printf '[stagehand] %s %-5s %s\n' "$(date -u +'%Y-%m-%dT%H:%M:%S')" "$1" "$2"; }
statements=$(cat)
say INFO "migration $1 ($2)"
say DEBUG "${statements//$'\n'/ }"
if mariadb --no-defaults --socket="$3" -u root shop <<<"$statements"; then say INFO "migration $1 applied"; else say ERROR "migration $1 failed"; fi
