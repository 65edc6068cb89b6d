# packages: postfix
# Sourced by cases: Postfix as Debian packages it, and the smtp-sink that comes with it.
#
#   postfix_start HOST PORT [setting=value …]   logs to postfix.log
#   postfix_reload setting=value …              with more settings

postfix_start() {
    local host=$1 p=$2
    shift 2
    mkdir -p "$home"/postfix/{etc,spool,data}
    chown postfix "$home/postfix/data"
    touch "$log/postfix.log"
    postfix_settings compatibility_level=3.6 myhostname="$host" mydomain="${host#*.}" inet_interfaces=127.0.0.1 inet_protocols=ipv4 \
        queue_directory="$home/postfix/spool" data_directory="$home/postfix/data" maillog_file="$log/postfix.log" \
        maillog_file_prefixes="$home" mydestination= alias_maps= alias_database= local_recipient_maps= "$@"
    grep -v '^smtp .*inet' /etc/postfix/master.cf | sed -E 's/^(\S+\s+(inet|unix)\s+\S+\s+\S+\s+)y /\1n /' >"$home/postfix/etc/master.cf"
    echo "127.0.0.1:$p inet n - n - - smtpd" >>"$home/postfix/etc/master.cf"
    quiet postfix unshare -u bash -c "hostname ${host%%.*}; exec postfix -c '$home/postfix/etc' start-fg"
    wait_port "$p"
    pid[postfix]=$(($(cat "$home/postfix/spool/pid/master.pid"))) # start-fg does not pass a signal on
}

postfix_settings() { printf '%s\n' "$@" | sed 's/=/ = /' >>"$home/postfix/etc/main.cf"; }

postfix_reload() {
    postfix_settings "$@"
    unshare -u bash -c "hostname mail; exec postfix -c '$home/postfix/etc' reload" >/dev/null 2>&1
}
