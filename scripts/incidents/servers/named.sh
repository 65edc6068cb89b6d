# packages: bind9
# Sourced by cases: BIND as Debian packages it.
#
#   named_start COMPONENT PORT    the rest of its configuration (options and zones) is on stdin; logs to COMPONENT.log
#   named_reload COMPONENT        as rndc reload

named_start() {
    local component=$1 p=$2 d=$home/$1
    mkdir -p "$d"
    cat >"$d/site.conf"
    cat >"$d/named.conf" <<CONF
logging {
    channel all { file "$log/$component.log"; severity info; print-time yes; print-severity yes; print-category yes; };
    category default { all; };
    category lame-servers { all; };
    category unmatched { null; };
};
controls { };
include "$d/site.conf";
CONF
    chown -R bind "$d"
    touch "$log/$component.log"
    chown bind "$log/$component.log"
    quiet "$component" named -f -u bind -n 1 -p "$p" -c "$d/named.conf"
    wait_port "$p"
}

named_reload() { kill -HUP "${pid[$1]}"; }
