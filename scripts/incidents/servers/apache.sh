# packages: apache2 php8.2-fpm
# Sourced by cases: the Apache httpd and PHP-FPM as Debian packages them.
#
#   apache_start PORT                   more of its configuration is on stdin; logs to apache-error.log and apache-access.log
#   fpm_start PORT [setting=value …]    one pool, www; logs to php-fpm.log, what PHP complains of to php.log

apache_start() {
    mkdir -p "$home/apache/htdocs"
    cat >"$home/apache/site.conf"
    cat >"$home/apache/httpd.conf" <<CONF
ServerRoot "$home/apache"
ServerName ${apache_name:-www.internal}
Listen 127.0.0.1:$1
PidFile $home/run/apache.pid
DefaultRuntimeDir $home/run
User www-data
Group www-data
$(for m in mpm_event authz_core proxy proxy_http proxy_fcgi unixd alias dir mime rewrite setenvif; do [ ! -e "/usr/lib/apache2/modules/mod_$m.so" ] || echo "LoadModule ${m}_module /usr/lib/apache2/modules/mod_$m.so"; done)
TypesConfig /etc/mime.types
StartServers 1
ServerLimit 2
ThreadsPerChild 25
MaxRequestWorkers 50
DocumentRoot "$home/apache/htdocs"
LogFormat "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %D" timed
CustomLog "$log/apache-access.log" timed
ErrorLog "$log/apache-error.log"
LogLevel info
Include "$home/apache/site.conf"
CONF
    quiet apache apache2 -d "$home/apache" -f "$home/apache/httpd.conf" -DFOREGROUND
    wait_port "$1"
}

fpm_start() {
    local p=$1 setting
    shift
    mkdir -p "$home/fpm"
    {
        printf '[global]\nerror_log = %s\ndaemonize = no\n[www]\nuser = www-data\ngroup = www-data\nlisten = 127.0.0.1:%s\npm = dynamic\n' "$log/php-fpm.log" "$p"
        printf 'pm.max_children = 5\npm.start_servers = 2\npm.min_spare_servers = 1\npm.max_spare_servers = 3\n'
        printf 'php_admin_value[error_log] = %s\nphp_admin_flag[log_errors] = on\n' "$log/php.log"
        for setting; do echo "${setting/=/ = }"; done
    } >"$home/fpm/fpm.conf"
    touch "$log/php.log"
    chown www-data "$log/php.log"
    quiet fpm php-fpm8.2 --nodaemonize --fpm-config "$home/fpm/fpm.conf"
    wait_port "$p"
}
