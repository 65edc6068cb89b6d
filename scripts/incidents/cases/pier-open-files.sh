# A release of beacon leaves every answer open, until it may open no more files; the alarms are loud and tell nothing.
# packages: prometheus prometheus-alertmanager
. "$(dirname "$0")/../lib.sh"
stack a-pier 21160

cat >run/rules.yml <<'YML'
groups:
  - name: pier
    rules:
      - alert: InstanceDown
        expr: up == 0
        for: 4s
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.job }} cannot be scraped"}
      - alert: BoatsWithoutDepth
        expr: rate(beacon_failed_total[20s]) > 0.2
        labels: {severity: critical}
        annotations: {summary: "boats are not told how deep the water is"}
      - alert: Lantern
        expr: vector(1)
        labels: {severity: info}
        annotations: {summary: "always on"}
YML
cat >run/prometheus.yml <<YML
global: {scrape_interval: 3s, scrape_timeout: 2s, evaluation_interval: 3s}
rule_files: [$home/run/rules.yml]
alerting:
  alertmanagers:
    - static_configs: [{targets: ["127.0.0.1:21165"]}]
scrape_configs:
  - {job_name: beacon, static_configs: [{targets: ["127.0.0.1:21162"]}]}
  - {job_name: gauge, static_configs: [{targets: ["127.0.0.1:21161"]}]}
YML
cat >run/alertmanager.yml <<YML
route: {receiver: foghorn, group_by: [alertname], group_wait: 1s, group_interval: 5s, repeat_interval: 15s}
receivers:
  - name: foghorn
    webhook_configs: [{url: "http://127.0.0.1:21164/"}]
YML
run gauge $python bin/gauge.py 21161
beacon() { exec prlimit --nofile=48 bin/beacon -listen 127.0.0.1:21162 -gauge http://127.0.0.1:21161 "$@"; }
run beacon beacon -version 1.12
run foghorn node bin/foghorn.js 21164
run alertmanager unshare -u bash -c 'hostname pier; exec "$@"' - prometheus-alertmanager --config.file=run/alertmanager.yml --storage.path="$home/run/alertmanager" \
    --web.listen-address=127.0.0.1:21165 --cluster.listen-address= --log.level=debug
run prometheus unshare -u bash -c 'hostname pier; exec "$@"' - prometheus --config.file=run/prometheus.yml --storage.tsdb.path="$home/run/prometheus" --web.listen-address=127.0.0.1:21166
nginx_start <<CONF
server {
    listen 127.0.0.1:21163;
    location / { proxy_pass http://127.0.0.1:21162; proxy_read_timeout 5s; }
}
CONF
for p in 21161 21162 21163 21164 21165 21166; do wait_port $p; done
customers http://127.0.0.1:21163 2 'GET /depth/%N' 'GET /depth/%N' 'GET /depth/%N' 'GET /chart.png'

sleep 16
stop beacon # in the normal time as well
run beacon beacon -version 1.12
baseline 30
sed -i "s/$(uname -r)/6.1.0-amd64/" "$out"/baseline/{prometheus,alertmanager}.log # they name the kernel when they start

sleep 25
injected
stop beacon
run beacon beacon -version 1.13 -keep
sleep 6
stop gauge # harmless
run gauge $python bin/gauge.py 21161
sleep 60

collect '{
  "title": "Boats are not told how deep the water is, and the foghorn sounds",
  "cause": {
    "component": "beacon",
    "aliases": [],
    "category": "resource-exhaustion",
    "category_accept": ["code-defect"],
    "evidence": ["too many open files", "beacon .* version 1\\.13 lit"]
  },
  "injected": "beacon was released as 1.13, which leaves the answers of gauge open: each costs a file descriptor, of which it has 48 (prlimit). After half a minute it can neither ask gauge nor take another connection, and says so itself; Prometheus cannot scrape it, Alertmanager and foghorn are loud, nginx times out. The restart of gauge 6 s after is harmless.",
  "programs": ["nginx 1.22", "Prometheus 2.42", "Alertmanager 0.25", "beacon (Go, log)", "gauge (Python)", "foghorn (Node.js 20)"]
}'
