# On a host with little memory tramplan keeps more and more; the kernel kills somebody else.
. "$(dirname "$0")/../lib.sh"
. "$here/servers/rsyslog.sh"
stack a-tram 21050
cp "$here/services/keep.sh" bin/

host=/sys/fs/cgroup/memory/depot.slice # the memory of the host: 200 MB
mkdir -p "$host"
echo 200M >"$host/memory.limit_in_bytes"
rsyslog_start depot1 kernel
# in_host ADJUST COMMAND…
cat >bin/in_host <<SH
#!/bin/bash
echo \$\$ >$host/cgroup.procs
echo \$1 >/proc/self/oom_score_adj
shift
exec "\$@"
SH
chmod +x bin/in_host

run stopsigns bash bin/keep.sh bin/in_host 1000 node bin/stopsigns.js 21051
quiet tramplan bin/in_host 0 $python bin/tramplan.py 21052 "$home/run/syslog" 120
run linebook bin/in_host 0 bin/linebook -listen 127.0.0.1:21053 -plan http://127.0.0.1:21052 -signs http://127.0.0.1:21051
for p in 21051 21052 21053; do wait_port $p; done
customers http://127.0.0.1:21053 3 'GET /sign/%R' 'GET /plan/%R' 'GET /plan/%R' 'GET /sign/schedule' 'GET /wp-login.php'

sleep 15
stop linebook
run linebook bin/in_host 0 bin/linebook -listen 127.0.0.1:21053 -plan http://127.0.0.1:21052 -signs http://127.0.0.1:21051
baseline 30

sleep 25
injected
stop tramplan
quiet tramplan bin/in_host 0 $python bin/tramplan.py 21052 "$home/run/syslog" 720
sleep 6
stop linebook # harmless
run linebook bin/in_host 0 bin/linebook -listen 127.0.0.1:21053 -plan http://127.0.0.1:21052 -signs http://127.0.0.1:21051
sleep 65
forget_kernel_release

collect '{
  "title": "The signs at the stops go dark again and again",
  "cause": {
    "component": "tramplan",
    "aliases": [],
    "category": "resource-exhaustion",
    "category_accept": ["configuration", "crash"],
    "evidence": ["tramplan\\[\\d+\\]: INFO started, keeps 720 legs", "Memory cgroup out of memory: Killed process \\d+ \\((stopsigns|node)\\)", "stopsigns.js|in_host ended with status 137"]
  },
  "injected": "tramplan was started anew with the setting to keep 720 legs instead of 120: it grows to some 150 MB, on a host (a memory cgroup) of 200 MB. There is no room left for stopsigns, which the kernel prefers to kill (oom_score_adj 1000); each time it is started again, and killed again, until the kernel ends tramplan as well. The restart of linebook 6 s after is harmless.",
  "programs": ["Linux (cgroup OOM, through rsyslog 8.2302)", "tramplan (Python, SysLogHandler)", "stopsigns (Node.js 20)", "linebook (Go, log)", "keep (bash)"],
  "held_out": true
}'
stop_all
rmdir "$host"
