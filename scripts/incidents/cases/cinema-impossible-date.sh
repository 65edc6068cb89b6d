# playbill writes a date that does not exist into the programme; nobody can read the whole programme any more.
# packages: lighttpd ruby
. "$(dirname "$0")/../lib.sh"
stack a-cinema 21120
cp "$here"/services/{marquee.rb,keep.sh} bin/

mkdir www
cat >run/lighttpd.conf <<CONF
server.document-root = "$home/www"
server.bind = "127.0.0.1"
server.port = 21121
server.modules = ("mod_accesslog")
server.errorlog = "$log/lighttpd-error.log"
accesslog.filename = "$log/lighttpd-access.log"
debug.log-file-not-found = "enable"
mimetype.assign = (".json" => "application/json")
CONF
echo '[]' >run/changes
run playbill node bin/playbill.js "$home/www/programme.json" "$home/run/changes"
quiet lighttpd lighttpd -D -f run/lighttpd.conf
wait_port 21121
sleep 3
run boxoffice bin/boxoffice -listen 127.0.0.1:21122 -programme http://127.0.0.1:21121/programme.json
run marquee bash bin/keep.sh ruby bin/marquee.rb http://127.0.0.1:21121/programme.json
nginx_start <<CONF
server {
    listen 127.0.0.1:21123;
    location /ticket/ { proxy_pass http://127.0.0.1:21122; }
    location / { proxy_pass http://127.0.0.1:21121; }
}
CONF
for p in 21122 21123; do wait_port $p; done
customers http://127.0.0.1:21123 2 'POST /ticket/%R' 'POST /ticket/%R' 'POST /ticket/%R' 'GET /trailer.mp4'

sleep 15
echo '[{"id": 17, "hall": 2}]' >run/changes # the editors change the programme in the normal time as well
sleep 5
kill -HUP "${pid[lighttpd]}"
baseline 25

sleep 15
stop boxoffice # harmless
run boxoffice bin/boxoffice -listen 127.0.0.1:21122 -programme http://127.0.0.1:21121/programme.json
sleep 12
injected
echo '[{"id": 17, "hall": 2}, {"id": 5, "starts": "2026-11-31T20:15:00Z"}]' >run/changes
sleep 50

collect '{
  "title": "No tickets and no lights: the programme cannot be read",
  "cause": {
    "component": "playbill",
    "aliases": [],
    "category": "bad-data",
    "category_accept": ["code-defect"],
    "evidence": ["changed: .*5 \\(starts 2026-11-31T20:15:00Z\\)", "parsing time .*2026-11-31T20:15:00Z.*: day out of range", "invalid date \\(Date::Error\\)"]
  },
  "injected": "The editors moved show 5 to the 31st of November, and playbill wrote that into the programme. boxoffice fails to decode the programme, whatever show is asked for; marquee dies of it and is started again every 2 s. lighttpd hands the file out as it is. The restart of boxoffice 12 s before is harmless.",
  "programs": ["nginx 1.22", "lighttpd 1.4", "playbill (Node.js 20)", "boxoffice (Go)", "marquee (Ruby)", "keep (bash)"]
}'
