# lathe comes with a new library that reads where nothing is: it dies of each request, until supervisord gives up.
# packages: supervisor gcc libc6-dev
# npm: winston@3.19.0
. "$(dirname "$0")/../lib.sh"
. "$here/servers/rsyslog.sh"
stack a-toys 21130
cp -r "$here/.build/node_modules" bin/

gcc -shared -fPIC -O1 -o bin/libchuck.so.1 "$here/services/lathe/chuck.c"
gcc -shared -fPIC -O1 -DTABLE -o bin/libchuck.so.2 "$here/services/lathe/chuck.c"
ln -s libchuck.so.1 bin/libchuck.so
cat >run/lathe <<SH
#!/bin/bash
exec $python $home/bin/lathe.py 21131 "\$(readlink -f $home/bin/libchuck.so)"
SH
chmod +x run/lathe
cat >run/supervisord.conf <<CONF
[supervisord]
nodaemon=true
logfile=$log/supervisord.log
pidfile=$home/run/supervisord.pid
identifier=workshop
user=root
[unix_http_server]
file=$home/run/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://$home/run/supervisor.sock
[program:lathe]
command=$home/run/lathe
startretries=4
startsecs=4
stderr_logfile=$log/lathe.log
stdout_logfile=/dev/null
[program:toybench]
command=node $home/bin/toybench.js 21132 21131
stdout_logfile=$log/toybench.log
stderr_logfile=$log/toybench.log
CONF
ctl() { supervisorctl -c run/supervisord.conf "$@" >/dev/null; }
rsyslog_start workshop kernel
quiet supervisord supervisord -c run/supervisord.conf
nginx_start <<CONF
server {
    listen 127.0.0.1:21133;
    location / { proxy_pass http://127.0.0.1:21132; }
}
CONF
for p in 21131 21132 21133; do wait_port $p; done
sleep 3
customers http://127.0.0.1:21133 2 'POST /toy/%R' 'POST /toy/%R' 'POST /toy/%R' 'GET /toy.css'

sleep 15
ctl restart lathe # in the normal time as well
baseline 30

sleep 12
ctl restart toybench # harmless
sleep 14
injected
ln -sfn libchuck.so.2 bin/libchuck.so
ctl restart lathe || true
sleep 45
forget_kernel_release

collect '{
  "title": "No toys: lathe dies again and again",
  "cause": {
    "component": "lathe",
    "aliases": [],
    "category": "crash",
    "category_accept": ["code-defect"],
    "evidence": ["exited: lathe \\(terminated by SIGSEGV", "gave up: lathe entered FATAL state", "kernel: .*lathe\\[\\d+\\]: segfault at .* in libchuck\\.so\\.2"]
  },
  "injected": "lathe was started with version 2 of its library, which reads from a table that was never made (a null pointer): the first request ends it with SIGSEGV. supervisord starts it again five times and gives up. The restart of toybench 14 s before is harmless, and lathe was restarted in the normal time too.",
  "programs": ["nginx 1.22", "supervisord 4.2", "Linux (through rsyslog 8.2302)", "lathe (Python, ctypes, C)", "toybench (Node.js 20, winston)"]
}'
