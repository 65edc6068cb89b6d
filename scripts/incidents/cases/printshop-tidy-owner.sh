# A job of cron gives the folder of the proofs to another owner; etcher may not write there any more.
# packages: cron
. "$(dirname "$0")/../lib.sh"
. "$here/servers/rsyslog.sh"
stack a-printshop 21210
cp "$here/services/tidy.sh" bin/

mkdir -p proofs etc/cron.d etc/spool
settings() { printf 'DIR=%s\nOWNER=%s\nMODE=%s\n' "$home/proofs" "$1" "$2" >run/tidy.conf; }
settings nobody:nogroup 755
chown nobody:nogroup proofs
cat >etc/crontab <<CONF
SHELL=/bin/bash
PATH=/usr/sbin:/usr/bin:/sbin:/bin
* * * * * root $home/bin/tidy.sh $home/run/tidy.conf $home/run/syslog
CONF
chmod +x bin/tidy.sh
rsyslog_start printshop
# cron knows no other places than its own: they are mounted over for it alone
quiet cron unshare -m bash -c '
    mount --bind etc/crontab /etc/crontab && mount --bind etc/cron.d /etc/cron.d && mount --bind etc/spool /var/spool/cron
    mount -t tmpfs tmpfs /run && touch /run/log && mount -t tmpfs -o mode=755 tmpfs /dev/shm
    mkdir -p run/dev && cp -a /dev/null /dev/zero /dev/tty /dev/urandom run/dev/ && ln -s "$1/run/syslog" run/dev/log && mount --bind run/dev /dev
    exec cron -f -L 1' - "$home"
run etcher setpriv --reuid nobody --regid nogroup --clear-groups $python bin/etcher.py 21211 "$home/proofs"
run typecase bin/typecase -listen 127.0.0.1:21212 -etcher http://127.0.0.1:21211
nginx_start <<CONF
server {
    listen 127.0.0.1:21213;
    location / { proxy_pass http://127.0.0.1:21212; }
}
CONF
for p in 21211 21212 21213; do wait_port $p; done
customers http://127.0.0.1:21213 2 'POST /page/%R' 'POST /page/%R' 'POST /page/%R' 'GET /serif.woff'

sleep 10
kill -HUP "$(cat run/nginx.pid)"
sleep $((68 - 10#$(date +%S))) # at least one run of the job
baseline 20

sleep 17
stop typecase # harmless
run typecase bin/typecase -listen 127.0.0.1:21212 -etcher http://127.0.0.1:21211
sleep $((58 - 10#$(date +%S) > 0 ? 58 - 10#$(date +%S) : 1))
injected
settings root:root 750
sleep 58

collect '{
  "title": "No page is proofed: etcher may not write its files",
  "cause": {
    "component": "tidy",
    "aliases": ["cron"],
    "category": "permission",
    "category_accept": ["configuration"],
    "evidence": ["tidy\\[\\d+\\]: /srv/a-printshop/proofs: \\d+ old proofs removed, owner root:root, mode 750", "Errno 13\\] Permission denied: ./srv/a-printshop/proofs/"]
  },
  "injected": "The settings of tidy, a job that cron runs each minute, were changed to give the folder of the proofs to root with mode 750. etcher runs as nobody and may not write there any more; typecase tries twice and gives up. tidy ran in the normal time as well; the restart of typecase some seconds before is harmless.",
  "programs": ["nginx 1.22", "cron 3.0 and tidy (bash, logger) through rsyslog 8.2302", "etcher (Python, logging)", "typecase (Go)"]
}'
