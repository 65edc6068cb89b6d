# packages: slapd ldap-utils
# Sourced by cases: OpenLDAP as Debian packages it.
#
#   slapd_start PORT BASE     access rules are on stdin; logs (level stats) to slapd.log
#   slapd_restart             after access.conf has changed
#   slapd_add                 entries in LDIF on stdin, by the administrator (cn=admin,BASE, password: lantern)

slapd_start() {
    slapd_port=$1 slapd_base=$2
    mkdir -p "$home"/slapd/db
    cat >"$home/slapd/access.conf"
    cat >"$home/slapd/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $home/run/slapd.pid
loglevel stats
database mdb
suffix "$2"
rootdn "cn=admin,$2"
rootpw lantern
directory $home/slapd/db
maxsize 16777216
index objectClass,uid eq
include $home/slapd/access.conf
CONF
    chown -R openldap "$home/slapd"
    slapd_run
}

slapd_run() {
    run slapd slapd -d stats -u openldap -g openldap -h "ldap://127.0.0.1:$slapd_port" -f "$home/slapd/slapd.conf"
    wait_port "$slapd_port"
}

slapd_restart() {
    stop slapd
    slapd_run
}

slapd_add() { ldapadd -x -H "ldap://127.0.0.1:$slapd_port" -D "cn=admin,$slapd_base" -w lantern >/dev/null; }
