# packages: ruby
# A letter to the readers brings more people than the few children of PHP-FPM can serve: everything queues.
. "$(dirname "$0")/../lib.sh"
stack b-raffle 22260
. "$here/servers/php-fpm.sh"

cp "$here"/services/{tickets.php,steward.rb} bin/
touch log/tickets.log
chown www-data log/tickets.log
echo 1.5 >run/mail
php_start 22261 4
php_front 22262 22261 tickets
run steward ruby bin/steward.rb http://127.0.0.1:22262
run herald $python bin/herald.py http://127.0.0.1:22262 run/mail
customers http://127.0.0.1:22262 0.7 'GET /tickets/%N' 'GET /.env'

sleep 20
kill -HUP "${pid[nginx]}" # in the normal time as well
baseline 30

sleep 18
kill -USR2 "${pid[php-fpm]}" # harmless: a reload
sleep 8
injected
echo 11 >run/mail
sleep 45

collect '{
  "title": "No tickets for the raffle: everybody waits",
  "cause": {
    "component": "php-fpm",
    "aliases": ["herald", "tickets"],
    "category": "capacity",
    "category_accept": ["resource-exhaustion"],
    "evidence": ["letter sent, 4400 readers", "upstream timed out|no ticket \\d+"]
  },
  "injected": "herald wrote to 4400 readers instead of 600, so 12 people a second ask for a ticket instead of 3. PHP-FPM has at most 4 children of half a second each (pm.max_children), that is 8 a second: requests queue, nginx gives up after 6 s, and so does steward. The reload of PHP-FPM 8 s before is harmless.",
  "programs": ["nginx 1.22", "PHP-FPM 8.2", "tickets (PHP, Monolog, JSON)", "steward (Ruby)", "herald (Python)"],
  "held_out": true
}'
