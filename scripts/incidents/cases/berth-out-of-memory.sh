# Both instances of a Java service keep all they compute since a switch was turned on, and die of it again and again.
. "$(dirname "$0")/../lib.sh"
stack harbour 20500

berth() { # N [SWITCH]: an instance under a supervisor
    run "berth-$1" bash "$here/services/keep.sh" java -Xmx32m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError ${2:-} -cp bin Berth "2050$1"
}

berth 1
berth 2
cat >run/haproxy.cfg <<'CONF'
global
    log stdout format iso daemon
defaults
    mode http
    log global
    option httplog
    timeout connect 2s
    timeout client 8s
    timeout server 4s
    retries 1
frontend tides
    bind 127.0.0.1:20503
    default_backend berths
backend berths
    option httpchk GET /health
    server berth-1 127.0.0.1:20501 check inter 1s fall 2 rise 2
    server berth-2 127.0.0.1:20502 check inter 1s fall 2 rise 2
CONF
wait_port 20501
wait_port 20502
piped haproxy haproxy -db -f run/haproxy.cfg
run quay $python bin/quay.py 20504 20503
wait_port 20503
wait_port 20504
customers http://127.0.0.1:20504 4 'GET /tide/%N'

sleep 25
stop berth-2 # an instance is restarted in the normal time as well
berth 2
baseline 35

sleep 25
stop quay # harmless
run quay $python bin/quay.py 20504 20503
sleep 12
injected
stop berth-1
berth 1 -Dberth.keepForecasts=true
sleep 4
stop berth-2
berth 2 -Dberth.keepForecasts=true
sleep 75

collect '{
  "title": "No tides: both instances of berth run out of heap",
  "cause": {
    "component": "berth",
    "aliases": ["berth-1", "berth-2"],
    "category": "resource-exhaustion",
    "category_accept": ["code-defect", "crash"],
    "evidence": ["Terminating due to java.lang.OutOfMemoryError: Java heap space", "keepForecasts=true", "ended with status 3"]
  },
  "injected": "Both instances of berth were restarted one after the other with the switch keepForecasts, which keeps every forecast under a key that never comes again. With a heap of 32 MB each runs out of memory after a while, is ended by the JVM (-XX:+ExitOnOutOfMemoryError) and started again by its supervisor, and HAProxy has no server left at times. The restart of quay 12 s before is harmless.",
  "programs": ["HAProxy 2.6", "berth (Java 17, java.util.logging)", "quay (Python, logging)"]
}'
