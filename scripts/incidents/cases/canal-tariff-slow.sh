# toll becomes slow; PHP-FPM runs out of children and Apache out of patience.
# packages: ruby ruby-webrick
. "$(dirname "$0")/../lib.sh"
. "$here/servers/apache.sh"
stack a-canal 21060
cp "$here"/services/{freight.php,toll.rb} bin/

echo 0.08 >run/table
run toll ruby bin/toll.rb 21061 "$home/run/table"
fpm_start 21062 request_slowlog_timeout=3s "slowlog=$log/php-fpm-slow.log" 'env[TARIFF_PORT]=21061'
apache_name=canal.internal apache_start 21063 <<CONF
ProxyTimeout 10
<Proxy "fcgi://127.0.0.1:21062/">
    ProxySet retry=0
</Proxy>
RewriteEngine on
RewriteRule ^/freight$ "fcgi://127.0.0.1:21062$home/bin/freight.php" [P]
<Directory "$home/apache/htdocs">
    Require all granted
</Directory>
CONF
run lockkeeper bin/lockkeeper -web http://127.0.0.1:21063
wait_port 21061
customers http://127.0.0.1:21063 2 'GET /freight?kg=%N' 'GET /freight?kg=%N' 'GET /freight?kg=%N' 'GET /freight' 'GET /favicon.ico'

sleep 18
kill -USR1 "${pid[apache]}" # apachectl graceful, in the normal time as well
baseline 30

sleep 15
kill -USR1 "${pid[apache]}" # harmless
sleep 12
injected
echo 4.5 >run/table
sleep 55

collect '{
  "title": "The canal line gives no prices: PHP-FPM has no child left",
  "cause": {
    "component": "toll",
    "aliases": [],
    "category": "dependency-slow",
    "category_accept": [],
    "evidence": ["toll - tariff for \\d+ kg: [3-9]\\d\\d\\d ms", "freight.php.*executing too slow|script_filename = .*freight.php", "server reached pm.max_children setting"]
  },
  "injected": "Each look at the table of tariffs now takes toll 4.5 s instead of 0.08 s; toll says nothing but the time that each took. freight, run by PHP-FPM, waits for it: the 5 children are busy, the backlog grows, Apache gives up after 10 s and lockkeeper after 6 s. The graceful restart of Apache 12 s before is harmless.",
  "programs": ["Apache httpd 2.4 (event, mod_proxy_fcgi)", "PHP-FPM 8.2", "toll (Ruby, WEBrick, Logger)", "lockkeeper (Go)"]
}'
