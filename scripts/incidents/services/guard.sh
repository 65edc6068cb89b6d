#!/bin/bash
# guard: keeps the firewall of the library's machine as its rules file says: a revision, and the ports that are closed.
#
#   guard.sh RULES
say() { echo "$(date +'%Y-%m-%d %H:%M:%S.%3N') guard[$$] $1: $2"; }
trap 'iptables -w -F LIBRARY; iptables -w -D INPUT -i lo -j LIBRARY; iptables -w -X LIBRARY; exit 0' TERM
iptables -w -N LIBRARY 2>/dev/null || iptables -w -F LIBRARY
iptables -w -C INPUT -i lo -j LIBRARY 2>/dev/null || iptables -w -I INPUT -i lo -j LIBRARY
last=0
while :; do
    read -r revision ports <"$1"
    if [ "$revision" != "$last" ]; then
        iptables -w -F LIBRARY
        for port in ${ports//,/ }; do iptables -w -A LIBRARY -p tcp --dport "$port" -j DROP; done
        say INFO "revision $revision applied, closed: $ports"
        last=$revision
    fi
    say WARN "rule 3 of the list of 2019 has no owner"
    for _ in $(seq 8); do sleep 1; done
done
