# A new access rule hides the members from the service account of porter: the directory answers, and has nobody.
# packages: python3-ldap3
# npm: pino@9.14.0
. "$(dirname "$0")/../lib.sh"
. "$here/servers/slapd.sh"
stack a-rowing 21100
cp -r "$here/.build/node_modules" bin/

rules() { # WHO
    cat <<CONF
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=members,dc=rowing,dc=internal" by dn.exact="cn=$1,dc=rowing,dc=internal" read by * none
access to * by * read
CONF
}
slapd_start 21101 dc=rowing,dc=internal < <(rules porter)
{
    printf 'dn: dc=rowing,dc=internal\nobjectClass: dcObject\nobjectClass: organization\no: Rowing Club\ndc: rowing\n\n'
    printf 'dn: ou=members,dc=rowing,dc=internal\nobjectClass: organizationalUnit\nou: members\n\n'
    printf 'dn: cn=%s,dc=rowing,dc=internal\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: %s\nuserPassword: boathouse\n\n' porter porter newsletter newsletter
    for n in $(seq 38); do
        printf 'dn: uid=member%s,ou=members,dc=rowing,dc=internal\nobjectClass: inetOrgPerson\nuid: member%s\ncn: Member %s\nsn: Member\nemployeeType: %s\n\n' "$n" "$n" "$n" "$([ $((n % 2)) = 0 ] && echo skiff || echo eight)"
    done
} | slapd_add
run porter $python bin/porter.py 21102 21101
run boatrack node bin/boatrack.js 21103 21102
nginx_start <<CONF
server {
    listen 127.0.0.1:21104;
    location / { proxy_pass http://127.0.0.1:21103; }
}
CONF
for p in 21102 21103 21104; do wait_port $p; done
customers http://127.0.0.1:21104 1.4 'POST /boat/%N' 'POST /boat/%N' 'POST /boat/%N' 'POST /boat/%N' 'GET /sitemap.xml'

sleep 20
slapd_restart # the directory is restarted in the normal time as well
baseline 30

sleep 14
stop boatrack # harmless
run boatrack node bin/boatrack.js 21103 21102
sleep 12
injected
rules newsletter >slapd/access.conf
slapd_restart
sleep 50

collect '{
  "title": "No member gets a boat: the directory finds nobody",
  "cause": {
    "component": "slapd",
    "aliases": [],
    "category": "permission",
    "category_accept": ["configuration"],
    "evidence": ["SEARCH RESULT tag=101 err=32 .*nentries=0", "porter\\[error\\] turned away: member\\d+: noSuchObject"]
  },
  "injected": "slapd was restarted with an access rule for the members that lets in cn=newsletter instead of cn=porter. porter still signs in, but every search ends with noSuchObject (err=32), which is how slapd hides what one may not see; porter turns members away, and boatrack complains of porter. Guests (numbers above 38) were turned away before as well. The restart of boatrack 12 s before is harmless, and slapd was restarted in the normal time too.",
  "programs": ["nginx 1.22", "OpenLDAP 2.5 (slapd)", "porter (Python, ldap3)", "boatrack (Node.js 20, pino)"]
}'
