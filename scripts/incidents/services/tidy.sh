#!/bin/bash
# tidy: run by cron each minute; removes old proofs and sees to the rights of the rest, as its settings say.
#
#   tidy.sh SETTINGS SYSLOG_SOCKET
. "$1"
socket=$2
say() { logger --socket "$socket" --tag tidy --id=$$ "$*"; }
old=$(find "$DIR" -name '*.proof' -mmin +1 | wc -l)
find "$DIR" -name '*.proof' -mmin +1 -delete
chown -R "$OWNER" "$DIR"
chmod "$MODE" "$DIR"
say "$DIR: $old old proofs removed, owner $OWNER, mode $MODE"
