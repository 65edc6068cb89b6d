#!/bin/bash
# voluse: how full the volume is, every 10 s.
#
#   voluse.sh DIR
while sleep 10; do
    df --output=source,size,used,avail,pcent "$1" | tail -n 1 | while read -r source size used avail percent; do
        echo "$(date -u +%s) voluse source=$source size_kb=$size used_kb=$used avail_kb=$avail used=$percent state=ok"
    done
done
