# A release of farequote leaves the fare empty for short rides; it answers 200, and those who ask fall over it.
# packages: ruby ruby-webrick
. "$(dirname "$0")/../lib.sh"
stack a-sledge 21140
cp "$here"/services/{farequote.rb,snowman.pl} bin/

run farequote ruby bin/farequote.rb 21141 2.2
run sledgedesk $python bin/sledgedesk.py 21142 21141
wait_port 21141
wait_port 21142
run snowman perl bin/snowman.pl 21142
nginx_start <<CONF
server {
    listen 127.0.0.1:21143;
    location / { proxy_pass http://127.0.0.1:21142; }
}
CONF
wait_port 21143
customers http://127.0.0.1:21143 2 'POST /ride/%N' 'POST /ride/%N' 'POST /ride/%N' 'POST /ride/bell'

sleep 18
stop farequote # in the normal time as well
run farequote ruby bin/farequote.rb 21141 2.2
baseline 30

sleep 25
injected
stop farequote
run farequote ruby bin/farequote.rb 21141 2.3
sleep 5
stop sledgedesk # harmless
run sledgedesk $python bin/sledgedesk.py 21142 21141
kill -HUP "$(cat run/nginx.pid)"
sleep 45

collect '{
  "title": "Short rides cannot be booked since this morning",
  "cause": {
    "component": "farequote",
    "aliases": [],
    "category": "code-defect",
    "category_accept": ["bad-data"],
    "evidence": ["\"msg\":\"up\",\"version\":\"2\\.3\"", "TypeError: unsupported operand type\\(s\\) for \\+: .NoneType. and .int."]
  },
  "injected": "farequote was released as 2.3, whose new discount is never set for rides of less than 20 km: for those it answers 200 with an empty fare. sledgedesk adds the blankets to it and ends in a TypeError, and snowman complains of sledgedesk. The restart of sledgedesk and the reload of nginx 5 s after are harmless.",
  "programs": ["nginx 1.22", "farequote (Ruby, WEBrick, JSON)", "sledgedesk (Python)", "snowman (Perl, HTTP::Tiny)"],
  "held_out": true
}'
