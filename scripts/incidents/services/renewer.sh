#!/bin/bash
# renewer: renews a certificate every 15 s, as if that were every 60 days, by the requests in a folder.
#
#   renewer.sh DIR REQUEST   REQUEST is a file: the names, one a line
cd "$1" || exit
while :; do
    names=$(sed 's/^/DNS:/' "$2" | paste -sd,)
    echo "$(date -u +'%a %b %e %T %Y') renewer: request of $names"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout next.key -subj "/CN=$(head -1 "$2")" -out next.csr 2>/dev/null
    if openssl x509 -req -in next.csr -CA ca.pem -CAkey ca.key -set_serial "0x$(openssl rand -hex 8)" -days 60 \
        -extfile <(echo "subjectAltName=$names") -out next.pem 2>/dev/null; then
        mv next.key records.key
        mv next.pem records.pem
        echo "$(date -u +'%a %b %e %T %Y') renewer: installed records.pem, serial $(openssl x509 -in records.pem -noout -serial | cut -d= -f2)"
    fi
    echo "$(date -u +'%a %b %e %T %Y') renewer: notice: the mailbox for expiry mails is full"
    sleep 15
done
