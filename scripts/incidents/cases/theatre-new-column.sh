# A migration adds a column that must not be empty and has no default; whoever writes as before is refused.
# packages: php8.2-mysql
. "$(dirname "$0")/../lib.sh"
. "$here/servers/mariadb.sh"
. "$here/servers/apache.sh"
stack a-theatre 21150
cp "$here"/services/{wardrobe.php,stagehand.sh} bin/

mariadb_start 21151
maria shop <<<'CREATE TABLE loan (id BIGINT AUTO_INCREMENT PRIMARY KEY, costume INT NOT NULL, part INT NOT NULL)'
fpm_start 21152 'env[MARIADB_PORT]=21151' pm.max_children=8
apache_name=theatre.internal apache_start 21153 <<CONF
<Proxy "fcgi://127.0.0.1:21152/">
    ProxySet retry=0
</Proxy>
RewriteEngine on
RewriteRule ^/wardrobe$ "fcgi://127.0.0.1:21152$home/bin/wardrobe.php" [P]
<Directory "$home/apache/htdocs">
    Require all granted
</Directory>
CONF
run prompter $python bin/prompter.py 21151
run usher bin/usher -wardrobe http://127.0.0.1:21153
customers http://127.0.0.1:21153 2 'GET /wardrobe?costume=%N' 'GET /wardrobe?costume=%N' 'POST /wardrobe?costume=%N' 'GET /wardrobe' 'GET /poster.jpg'

sleep 17
echo 'CREATE INDEX loan_costume ON loan (costume);' | bash bin/stagehand.sh 31 'index for the costumes' run/mariadb.sock >>"$log/stagehand.log" 2>&1 # in the normal time as well
baseline 30

sleep 14
kill -USR1 "${pid[apache]}" # harmless
sleep 12
injected
echo 'ALTER TABLE loan ADD COLUMN wing VARCHAR(20) NOT NULL;
ALTER TABLE loan ALTER COLUMN wing DROP DEFAULT;' | bash bin/stagehand.sh 32 'which wing' run/mariadb.sock >>"$log/stagehand.log" 2>&1
sleep 50

collect '{
  "title": "No costume can be lent since the migration of the loans",
  "cause": {
    "component": "stagehand",
    "aliases": ["mariadb"],
    "category": "schema-change",
    "category_accept": [],
    "evidence": ["ALTER TABLE loan ADD COLUMN wing VARCHAR\\(20\\) NOT NULL", "mysqli_sql_exception: Field .wing. doesn.t have a default value"]
  },
  "injected": "stagehand applied migration 32, which adds the column wing to the loans: it must not be empty, and has no default. wardrobe, run by PHP-FPM, writes loans as before and is refused by MariaDB, which logs nothing of it; Apache answers 500, usher complains, prompter sees no new loans. Who only reads is served. The graceful restart of Apache 12 s before is harmless, and so was migration 31.",
  "programs": ["Apache httpd 2.4", "PHP-FPM 8.2 (wardrobe, mysqli)", "MariaDB 10.11", "usher (Go)", "prompter (Python, PyMySQL)", "stagehand (bash, mariadb client)"]
}'
