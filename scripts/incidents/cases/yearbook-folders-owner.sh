# packages: ruby
# A tidying script gives the folders another owner and mode: PHP, which runs as another user, may not write there any more.
. "$(dirname "$0")/../lib.sh"
stack b-yearbook 22240
. "$here/servers/php-fpm.sh"

cp "$here"/services/{portraits.php,darkroom.rb,owners.sh} bin/
mkdir -p run/album/page-{0..9}
chown -R www-data run/album
chmod 755 run/album/*
touch log/portraits.log
chown www-data log/portraits.log
echo "www-data 755" >run/profile
php_start 22241 6
php_front 22242 22241 portraits
run tidy bash bin/owners.sh run/album run/profile
run darkroom ruby bin/darkroom.rb http://127.0.0.1:22242
customers http://127.0.0.1:22242 2.5 'GET /portraits/%N' 'POST /portraits/%N {"jpeg":"%R%R%R"}' 'GET /portraits/%N' 'GET /wp-login.php'

sleep 20
kill -HUP "${pid[nginx]}" # in the normal time as well
baseline 30

sleep 18
kill -USR2 "${pid[php-fpm]}" # harmless: a reload
sleep 8
injected
echo "root 750" >run/profile
sleep 55

collect '{
  "title": "No portrait can be kept or shown: PHP may not enter its folders",
  "cause": {
    "component": "tidy",
    "aliases": [],
    "category": "permission",
    "category_accept": ["configuration"],
    "evidence": ["profile: owner root, mode 750", "changed page-3", "Failed to open stream: Permission denied"]
  },
  "injected": "The profile of tidy, which sets owner and mode of the folders of the album, was changed from www-data 755 to root 750. At its next pass it changed all ten; from then on portraits (PHP-FPM, user www-data) cannot write, and darkroom and nginx quote its 500. The reload of PHP-FPM seconds before is harmless.",
  "programs": ["nginx 1.22", "PHP-FPM 8.2", "portraits (PHP, Monolog)", "darkroom (Ruby, Logger)", "tidy (bash)"]
}'
