# packages: php8.2-fpm php-monolog nginx-light
# Sourced by cases with PHP: PHP-FPM with the pool www on PORT, and nginx before it on PORT + 1, which knows only the scripts in bin/.
php_start() { # PORT CHILDREN
    cat >"$home/run/fpm.conf" <<FPM
[global]
error_log = $log/php-fpm.log
log_level = notice
daemonize = no
[www]
user = www-data
group = www-data
listen = 127.0.0.1:$1
pm = dynamic
pm.max_children = $2
pm.start_servers = 2
pm.min_spare_servers = 1
pm.max_spare_servers = 3
catch_workers_output = yes
decorate_workers_output = no
clear_env = no
FPM
    quiet php-fpm php-fpm8.2 --fpm-config "$home/run/fpm.conf" -R
    wait_port "$1"
}

php_front() { # PORT PHP_PORT SCRIPT
    nginx_start <<NGINX
server {
    listen 127.0.0.1:$1;
    location / { return 404; }
    location /$3/ {
        include /etc/nginx/fastcgi_params;
        fastcgi_param SCRIPT_FILENAME $home/bin/$3.php;
        fastcgi_read_timeout 6s;
        fastcgi_pass 127.0.0.1:$2;
    }
}
NGINX
    wait_port "$1"
}
