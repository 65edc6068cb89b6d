# almanac writes to all its subscribers at once: Postfix limits the client, and that is everybody on the host.
# packages: ruby libhttp-daemon-perl
. "$(dirname "$0")/../lib.sh"
. "$here/servers/postfix.sh"
stack a-garden 21040
cp "$here"/services/{baskets.pl,almanac.rb} bin/

quiet sink smtp-sink -u postfix 127.0.0.1:21041 100
postfix_start mail.garden.internal 21042 relayhost=[127.0.0.1]:21041 smtpd_client_event_limit_exceptions= \
    smtpd_client_message_rate_limit=130 anvil_rate_time_unit=60s anvil_status_update_time=30s
echo 7 >run/pause
run almanac ruby bin/almanac.rb 21042 "$home/run/pause"
run baskets perl bin/baskets.pl 21043 21042
run keygate node bin/keygate.js 21044 21042
nginx_start <<CONF
server {
    listen 127.0.0.1:21045;
    location /basket/ { proxy_pass http://127.0.0.1:21043; }
    location /key/ { proxy_pass http://127.0.0.1:21044; }
}
CONF
for p in 21043 21044 21045; do wait_port $p; done
customers http://127.0.0.1:21045 1 'POST /basket/%R' 'POST /basket/%R' 'POST /key/%R' 'GET /.env'

sleep 18
postfix_reload # in the normal time as well
baseline 30

sleep 25
injected
echo 0.15 >run/pause
sleep 4
postfix_reload # harmless
stop keygate
run keygate node bin/keygate.js 21044 21042
sleep 50

collect '{
  "title": "Orders are not confirmed: the mail server refuses whoever writes to it",
  "cause": {
    "component": "almanac",
    "aliases": [],
    "category": "rate-limit",
    "category_accept": ["capacity"],
    "evidence": ["almanac\\.\\d+ next letter every 0\\.15 s", "Message delivery request rate limit exceeded: \\d+ from ", "450 4\\.7\\.1 Error: too much mail from 127\\.0\\.0\\.1"]
  },
  "injected": "almanac was told to write to its subscribers 6 times a second instead of every 7 s. Postfix allows a client 130 messages a minute, and to Postfix all services of the host are one client: baskets and keygate are refused as well, and complain aloud, while almanac puts its letters aside. The reload of Postfix and the restart of keygate 4 s after are harmless.",
  "programs": ["nginx 1.22", "Postfix 3.7", "baskets (Perl, HTTP::Daemon, Net::SMTP)", "keygate (Node.js 20)", "almanac (Ruby, net/smtp)"]
}'
