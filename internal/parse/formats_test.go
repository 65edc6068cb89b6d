package parse_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/parse"
)

// reference is the instant near which every stamp without a year or a date is read.
var reference = rca.Time(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC).UnixNano())

// want is what one record must be; empty parts are not looked at, "none" asks for nothing.
type want struct {
	time      string // RFC 3339
	severity  rca.Severity
	component string
	logger    string
	message   string // how it begins
	stack     string // what it must contain
	fields    string // "key=value;key=value"
	status    int
}

// sample is one log of a known format: its text, the layout it must be found to have, and its records.
type sample struct {
	name   string
	format string // "" to leave it open
	text   string
	want   []want
}

func read(text string) (*parse.Layout, []rca.Record, *parse.Parser) {
	p := &parse.Parser{}
	l := parse.Detect([]byte(text), parse.Options{Reference: reference})
	return l, p.Parse(l, []byte(text)), p
}

func check(t *testing.T, s sample) {
	t.Helper()
	l, recs, _ := read(s.text)
	if s.format != "" && l.Format != s.format {
		t.Errorf("format %q, want %q (%s)", l.Format, s.format, l.Why)
	}
	if len(recs) != len(s.want) {
		t.Errorf("%d records, want %d", len(recs), len(s.want))
		for i := range recs {
			t.Logf("%d: %q stack %q", i, recs[i].Message, recs[i].Stack)
		}
		return
	}
	for i, w := range s.want {
		r := &recs[i]
		got := ""
		if r.Time != rca.NoTime {
			got = r.Time.Std().Format(time.RFC3339Nano)
		}
		if w.time == "none" {
			w.time = ""
			if got != "" {
				t.Errorf("record %d: time %s, want none", i, got)
			}
		}
		if w.time != "" && got != w.time {
			t.Errorf("record %d: time %q, want %q", i, got, w.time)
		}
		if r.Severity != w.severity {
			t.Errorf("record %d: severity %s, want %s (%q)", i, r.Severity, w.severity, r.Message)
		}
		text := func(what, got, want string) {
			if want == "none" && got != "" || want != "" && want != "none" && got != want {
				t.Errorf("record %d: %s %q, want %q", i, what, got, want)
			}
		}
		text("component", r.Component, w.component)
		text("logger", r.Logger, w.logger)
		if !strings.HasPrefix(r.Message, w.message) {
			t.Errorf("record %d: message %q, want it to begin with %q", i, r.Message, w.message)
		}
		if !strings.Contains(r.Stack, w.stack) || w.stack == "" && r.Stack != "" {
			t.Errorf("record %d: stack %q, want %q", i, r.Stack, w.stack)
		}
		if w.status != r.Status {
			t.Errorf("record %d: status %d, want %d", i, r.Status, w.status)
		}
		if w.fields != "" {
			for _, kv := range strings.Split(w.fields, ";") {
				k, v, _ := strings.Cut(kv, "=")
				if g := r.Field(k); g != v {
					t.Errorf("record %d: field %s is %q, want %q", i, k, g, v)
				}
			}
		}
	}
}

const (
	trace   = rca.SeverityTrace
	debug   = rca.SeverityDebug
	info    = rca.SeverityInfo
	notice  = rca.SeverityNotice
	warn    = rca.SeverityWarn
	fail    = rca.SeverityError
	fatal   = rca.SeverityFatal
	unknown = rca.SeverityUnknown

	at    = "2026-11-24T01:56:08Z"
	milli = "2026-11-24T01:56:08.123Z"
	micro = "2026-11-24T01:56:08.123456Z"
)

var jsonSamples = []sample{
	{"slog", "json", `{"time":"2026-11-24T01:56:08.123456789Z","level":"ERROR","msg":"query failed","err":"connection refused","attempt":3}`,
		[]want{{time: "2026-11-24T01:56:08.123456789Z", severity: fail, message: "query failed", fields: "err=connection refused;attempt=3"}}},
	{"zap", "json", `{"level":"warn","ts":1795485368.123456,"logger":"pool","caller":"db/pool.go:42","msg":"pool exhausted","waiting":17}`,
		[]want{{time: micro, severity: warn, logger: "pool", message: "pool exhausted", fields: "waiting=17"}}},
	{"zerolog", "json", `{"level":"fatal","service":"orders","error":"EOF","time":"2026-11-24T01:56:08Z","message":"cannot start"}`,
		[]want{{time: at, severity: fatal, component: "orders", message: "cannot start", fields: "error=EOF"}}},
	{"pino", "json", `{"level":50,"time":1795485368123,"pid":18,"hostname":"web-1","name":"api","reqId":"req-42","msg":"request errored","err":{"type":"Error","message":"boom","stack":"Error: boom\n    at f (/app/a.js:1:2)"}}`,
		[]want{{time: milli, severity: fail, component: "api", message: "request errored", stack: "Error: boom\n    at f", fields: "err.type=Error;err.message=boom"}}},
	{"bunyan", "json", `{"name":"api","hostname":"web-1","pid":18,"level":40,"msg":"slow reply","time":"2026-11-24T01:56:08.123Z","v":0}`,
		[]want{{time: milli, severity: warn, component: "none", message: "slow reply", fields: "name=api"}}},
	{"winston", "json", `{"level":"error","message":"payment declined","service":"pay","timestamp":"2026-11-24 01:56:08"}`,
		[]want{{time: at, severity: fail, component: "pay", message: "payment declined"}}},
	{"logback", "json", `{"@timestamp":"2026-11-24T01:56:08.123Z","@version":"1","message":"no route","logger_name":"com.shop.Api","thread_name":"http-1","level":"ERROR","level_value":40000,"stack_trace":"java.io.IOException: no route\n\tat com.shop.Api.call(Api.java:9)"}`,
		[]want{{time: milli, severity: fail, logger: "com.shop.Api", message: "no route", stack: "Api.java:9"}}},
	{"structlog", "json", `{"event":"cache miss","level":"warning","timestamp":"2026-11-24T01:56:08.123456Z","key":"user:1"}
{"event":"cache full","level":"warning","timestamp":"2026-11-24T01:56:08.123456Z","key":"user:2"}`,
		[]want{{time: micro, severity: warn, message: "cache miss", fields: "key=user:1"}, {time: micro, severity: warn, message: "cache full", fields: "key=user:2"}}},
	{"structlog's own stamp", "logfmt", `event=told room=4 level=info timestamp="2026-11-24 01:56.08"`,
		[]want{{time: at, severity: rca.SeverityInfo, message: "told"}}},
	{"json of its own keys", "json", `{"lv":6,"at":1795485368.5,"prog":"press","what":"page 4 proofed"}`,
		[]want{{time: "2026-11-24T01:56:08.5Z", severity: rca.SeverityInfo, component: "press", message: "page 4 proofed"}}},
	{"year first in two figures", "", `26-11-24 01:56:08 stove(info): lit
26-11-24 01:56:08 stove(info): out`,
		[]want{{time: at, message: "lit"}, {time: at, message: "out"}}},
	{"openldap", "", `6b04eeb8.00000000 0x7f71060 conn=1 op=2 BIND dn="cn=a" method=128
6b04eeb8.00000000 0x7f71060 conn=1 op=3 UNBIND`,
		[]want{{time: at}, {time: at}}},
	{"logfmt without a message", "logfmt", `ts=2026-11-24T01:56:08Z level=warn event="shelf low" shelf=4
ts=2026-11-24T01:56:08Z level=warn event="shelf empty" shelf=4`,
		[]want{{time: at, severity: warn, message: "shelf low"}, {time: at, severity: warn, message: "shelf empty"}}},
	{"serilog", "json", `{"@t":"2026-11-24T01:56:08.1234560Z","@m":"Order 7 failed","@l":"Error","@x":"System.Exception: no\n   at Shop.Run()","SourceContext":"Shop.Orders"}`,
		[]want{{time: micro, severity: fail, logger: "Shop.Orders", message: "Order 7 failed", stack: "at Shop.Run()"}}},
	{"ecs", "json", `{"@timestamp":"2026-11-24T01:56:08.123Z","log.level":"ERROR","message":"shard failed","service.name":"es","log.logger":"o.e.Node","trace.id":"abc123","ecs.version":"1.2.0","host":{"name":"n1"}}`,
		[]want{{time: milli, severity: fail, component: "es", logger: "o.e.Node", message: "shard failed"}}},
	{"gelf", "json", `{"version":"1.1","host":"web-1","short_message":"disk full","timestamp":1795485368.123,"level":3,"_app":"x"}`,
		[]want{{time: milli, severity: fail, message: "disk full"}}},
	{"journald", "json", `{"__REALTIME_TIMESTAMP":"1795485368123456","_HOSTNAME":"n1","PRIORITY":"3","SYSLOG_IDENTIFIER":"sshd","_PID":"99","MESSAGE":"fatal: no keys","_SYSTEMD_UNIT":"ssh.service"}`,
		[]want{{time: micro, severity: fail, component: "sshd", message: "fatal: no keys"}}},
	{"docker", "docker+plain", `{"log":"listening on :80\n","stream":"stdout","time":"2026-11-24T01:56:08.123456Z"}`,
		[]want{{time: micro, message: "listening on :80"}}},
	{"mongodb", "json", `{"t":{"$date":"2026-11-24T01:56:08.123+00:00"},"s":"E","c":"NETWORK","id":23256,"ctx":"conn7","msg":"Error receiving request","attr":{"error":{"code":6,"codeName":"HostUnreachable"}}}`,
		[]want{{time: milli, severity: fail, logger: "NETWORK", message: "Error receiving request", fields: "attr.error.codeName=HostUnreachable"}}},
	{"otlp", "json", `{"timeUnixNano":"1795485368123456000","observedTimeUnixNano":"1795485368999000000","severityNumber":17,"severityText":"ERROR","body":{"stringValue":"charge failed"},"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}`,
		[]want{{time: micro, severity: fail, message: "charge failed"}}},
	{"gcp", "json", `{"insertId":"x1","jsonPayload":{"message":"deadline exceeded","code":4},"resource":{"type":"k8s_container","labels":{"container_name":"cart"}},"timestamp":"2026-11-24T01:56:08.123456Z","severity":"ERROR","receiveTimestamp":"2026-11-24T01:56:09Z"}`,
		[]want{{time: micro, severity: fail, component: "cart", message: "deadline exceeded", fields: "jsonPayload.code=4"}}},
	{"kubernetes event", "json", `{"apiVersion":"v1","count":7,"eventTime":null,"firstTimestamp":"2026-11-24T01:50:00Z","involvedObject":{"kind":"Pod","name":"api-7f9c4d8b6d-x2x9z","namespace":"shop"},"kind":"Event","lastTimestamp":"2026-11-24T01:56:08Z","message":"Back-off restarting failed container","metadata":{"creationTimestamp":"2026-11-24T01:50:00Z","name":"api.1"},"reason":"BackOff","source":{"component":"kubelet","host":"n1"},"type":"Warning"}`,
		[]want{{time: at, severity: warn, component: "api", message: "Back-off restarting failed container", fields: "reason=BackOff;involvedObject.name=api-7f9c4d8b6d-x2x9z"}}},
	{"cloudwatch insights", "json", `{"timestamp":1795485368123,"message":"Task timed out after 3.00 seconds","ingestionTime":1795485369000,"logStreamName":"2026/11/24/[$LATEST]abc"}`,
		[]want{{time: milli, message: "Task timed out after 3.00 seconds"}}},
}

var oldSamples = []sample{
	{"klog", "klog", "E1124 01:56:08.123456    1333 reflector.go:155] Failed to watch *v1.Pod\nI1124 01:56:09.000000    1333 main.go:20] started",
		[]want{{time: micro, severity: fail, logger: "reflector.go:155", message: "Failed to watch"}, {severity: info, message: "started"}}},
	{"redis", "redis", "91:M 24 Nov 2026 01:56:08.123 # Can't save in background: fork: Cannot allocate memory\n91:M 24 Nov 2026 01:56:09.000 * Ready to accept connections",
		[]want{{time: milli, severity: warn, message: "Can't save"}, {severity: notice, message: "Ready"}}},
	{"redis old", "redis", "[91] 24 Nov 01:56:08.123 * DB saved on disk", []want{{time: milli, severity: notice, message: "DB saved"}}},
	{"nginx error", "nginx-error", `2026/11/24 01:56:08 [error] 7#7: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: shop, request: "GET / HTTP/1.1", upstream: "http://10.0.0.2:80/", host: "shop"`,
		[]want{{time: at, severity: fail, message: "connect() failed (111", fields: "client=10.0.0.1;upstream=http://10.0.0.2:80/;request=GET / HTTP/1.1"}}},
	{"combined", "access", `10.0.0.1 - - [24/Nov/2026:01:56:08 +0000] "POST /api/orders?x=1 HTTP/1.1" 502 41 "-" "curl/8" rt=0.110`,
		[]want{{time: at, severity: fail, status: 502, message: `"POST /api/orders?x=1 HTTP/1.1" 502`, fields: "method=POST;path=/api/orders?x=1;client=10.0.0.1;bytes=41;rt=0.110"}}},
	{"haproxy", "syslog", `Nov 24 01:56:08 lb haproxy[9]: 10.0.0.1:55442 [24/Nov/2026:01:56:08.123] fe be/app-1 0/0/0/27/27 503 206 - - SC-- 2/2/1/1/0 0/0 "GET /x HTTP/1.1"`,
		[]want{{time: milli, severity: fail, status: 503, component: "haproxy", fields: "method=GET;path=/x;backend=be/app-1;total_ms=27"}}},
	{"haproxy tcp", "syslog", `Nov 24 01:56:08 lb haproxy[9]: 10.0.0.1:55442 [24/Nov/2026:01:56:08.123] fe be/db-1 1/0/27 503 SD 2/2/1/1/0 0/0`,
		[]want{{time: milli, severity: info, status: 0, component: "haproxy", fields: "backend=be/db-1;bytes=503;total_ms=27;termination=SD"}}},
	{"logcat", "logcat", "11-24 01:56:08.123  1234  1240 E ActivityManager: ANR in com.shop\n11-24 01:56:08.200  1234  1240 W art     : slow", []want{{time: milli, severity: fail, logger: "ActivityManager", message: "ANR in"}, {severity: warn, logger: "art"}}},
	{"postgres", "postgres", "2026-11-24 01:56:08.123 UTC [46] till@teahouse ERROR:  deadlock detected\n2026-11-24 01:56:08.123 UTC [46] till@teahouse DETAIL:  Process 1 waits\n2026-11-24 01:56:09.000 UTC [1] LOG:  checkpoint starting",
		[]want{{time: milli, severity: fail, message: "deadlock detected", stack: "Process 1 waits", fields: "user=till;database=teahouse"}, {severity: info, message: "checkpoint"}}},
	{"syslog 3164", "syslog", "<27>Nov 24 01:56:08 n1 sshd[99]: error: kex_exchange_identification\nNov 24 01:56:09 n1 kernel: Out of memory: Killed process 12 (java)",
		[]want{{time: at, severity: fail, component: "sshd", message: "error: kex"}, {component: "kernel", message: "Out of memory"}}},
	{"syslog 5424", "syslog", `<165>1 2026-11-24T01:56:08.123456Z n1 app 12 ID47 [sd@1 k="v"] started`, []want{{time: micro, severity: notice, component: "app", logger: "ID47", message: "started", fields: "k=v"}}},
	{"syslog iso", "syslog", "2026-11-24T01:56:08.123456+00:00 n1 systemd[1]: Failed to start X\n2026-11-24T03:56:09+0200 n1 cron[7]: done", []want{{time: micro, component: "systemd", message: "Failed to start"}, {time: "2026-11-24T01:56:09Z", component: "cron"}}},
	{"logfmt", "logfmt", `time=2026-11-24T01:56:08.123Z level=error msg="no space left" component=wal err="write: ENOSPC"`, []want{{time: milli, severity: fail, message: "no space left", fields: "err=write: ENOSPC"}}},
	{"log4j", "stamped", "2026-11-24 01:56:08,123 ERROR [main] com.shop.Api: failed\n2026-11-24 01:56:08,200 INFO [main] com.shop.Api: ok", []want{{time: milli, severity: fail, message: "failed"}, {severity: info}}},
	{"python logging", "stamped", "2026-11-24 01:56:08,123 - shop.db - ERROR - lost connection\n2026-11-24 01:56:08,200 - shop.db - INFO - ok", []want{{time: milli, severity: fail, message: "lost connection"}, {severity: info, message: "ok"}}},
	{"supervisord", "supervisord", "2026-11-24 01:56:08,123 INFO exited: web (exit status 1; not expected)\n2026-11-24 01:56:09,123 WARN received SIGTERM", []want{{time: milli, severity: warn, message: "exited: web"}, {severity: warn, message: "received"}}},
	{"stamps in quoted tables", "stamped", "2026-11-24 01:56:08,123 INFO [drive.sh]: list the boxes\n| made_at | 2026-11-24T01:56:07Z |\n2026-11-24 01:56:09,100 INFO [drive.sh]: one box\n2026-11-24 01:56:10,100 INFO [drive.sh]: API ERROR:  none left\n2026-11-24 01:56:11,100 INFO [drive.sh]: done", []want{{time: milli, severity: info, message: "list the boxes", stack: "| made_at | 2026-11-24T01:56:07Z |"}, {severity: info, message: "one box"}, {severity: info, message: "API ERROR:"}, {severity: info, message: "done"}}},
	{"gunicorn", "stamped", "[2026-11-24 01:56:08 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:9)\n[2026-11-24 01:56:09 +0000] [7] [INFO] Booting worker", []want{{time: at, severity: fatal, message: "WORKER TIMEOUT"}, {severity: info, message: "Booting"}}},
	{"go log with file", "stamped", "2026/11/24 01:56:08 main.go:42: dial failed\n2026/11/24 01:56:09 main.go:50: retry", []want{{time: at, logger: "main.go:42", message: "dial failed"}, {message: "retry"}}},
	{"zookeeper", "stamped", "2026-11-24 01:56:08,123 [myid:1] - WARN  [QuorumPeer[myid=1]/0:0:0:0:2181:Follower@89] - Exception when following the leader\n2026-11-24 01:56:09,123 [myid:1] - INFO  [main:QuorumPeerConfig@134] - Reading configuration", []want{{time: milli, severity: warn, message: "Exception when"}, {severity: info, message: "Reading"}}},
	{"cloudwatch export", "", "2026-11-24T01:56:08.123Z START RequestId: 11 Version: 1\n2026-11-24T01:56:08.200Z Task timed out after 3.00 seconds", []want{{time: milli, message: "START RequestId"}, {message: "Task timed out"}}},
	{"lambda node", "", "2026-11-24T01:56:08.123Z\t11aa-22\tERROR\tInvoke Error\n2026-11-24T01:56:08.200Z\t11aa-22\tINFO\tok", []want{{time: milli, severity: fail, message: "Invoke Error"}, {severity: info, message: "ok"}}},
	{"apache error", "apache-error", "[Tue Nov 24 01:56:08.123456 2026] [proxy:error] [pid 7:tid 8] (111)Connection refused: AH00957\n[Tue Nov 24 01:56:08.200000 2026] [mpm_event:notice] [pid 7:tid 8] AH00489: Apache configured", []want{{time: micro, severity: fail, message: "(111)Connection"}, {severity: notice, message: "AH00489"}}},
}

var newSamples = []sample{
	{"mysql 8", "mysql", "2026-11-24T01:56:08.123456Z 0 [ERROR] [MY-012345] [InnoDB] Cannot allocate memory\n2026-11-24T01:56:09.000000Z 8 [System] [MY-010931] [Server] ready for connections",
		[]want{{time: micro, severity: fail, logger: "InnoDB", message: "Cannot allocate", fields: "code=MY-012345"}, {severity: info, logger: "Server", message: "ready"}}},
	{"mysql 5.7", "mysql", "2026-11-24T01:56:08.123456Z 12 [Note] Aborted connection 12 to db: 'shop'", []want{{time: micro, severity: notice, message: "Aborted connection"}}},
	{"mariadb", "mysql", "2026-11-24  1:56:08 0 [Note] InnoDB: started\n2026-11-24 11:56:08 7 [ERROR] mariadbd: Disk is full", []want{{time: at, severity: notice, message: "InnoDB: started"}, {time: "2026-11-24T11:56:08Z", severity: fail, message: "mariadbd: Disk"}}},
	{"mysql 5.5", "mysql", "261124  1:56:08 [ERROR] Plugin 'InnoDB' init function returned error.", []want{{time: at, severity: fail, message: "Plugin"}}},
	{"slow log", "mysql-slow", "# Time: 2026-11-24T01:56:08.123456Z\n# User@Host: app[app] @ web-1 [10.0.0.1]  Id:    42\n# Query_time: 1.234567  Lock_time: 0.000100 Rows_sent: 1  Rows_examined: 1000000\nuse shop;\nSET timestamp=1795485367;\nSELECT *\n  FROM orders\nWHERE total > 5;\n" +
		"# User@Host: root[root] @ localhost []  Id:    43\n# Query_time: 2.0  Lock_time: 0.0 Rows_sent: 0  Rows_examined: 9\nSET timestamp=1795485368;\nDELETE FROM carts;",
		[]want{{time: micro, severity: warn, message: "SELECT *\n  FROM orders\nWHERE total > 5;", fields: "user=app;client=10.0.0.1;Id=42;Query_time=1.234567;Rows_examined=1000000;database=shop"},
			{time: at, severity: warn, message: "DELETE FROM carts;", fields: "user=root;client=localhost;Query_time=2.0"}}},
	{"mongodb 4.2", "mongodb", "2026-11-24T01:56:08.123+0000 E NETWORK  [conn7] Error receiving request\n2026-11-24T01:56:08.200+0000 I -        [main] ***** SERVER RESTARTED *****", []want{{time: milli, severity: fail, logger: "NETWORK", message: "Error receiving"}, {severity: info, logger: "-", message: "*****"}}},
	{"jvm gc uptime", "jvm-gc", "[0.123s][info][gc] GC(12) Pause Young (Normal) (G1 Evacuation Pause) 24M->4M(256M) 3.500ms\n[0.200s][warning][gc,alloc] main: Retried waiting for GCLocker", []want{{time: "none", severity: info, logger: "gc", message: "GC(12) Pause Young", fields: "uptime=0.123s"}, {severity: warn, logger: "gc,alloc", message: "main:"}}},
	{"jvm gc iso", "jvm-gc", "[2026-11-24T01:56:08.123+0000][0.123s][7][9][info][gc,start    ] GC(12) Pause Full", []want{{time: milli, severity: info, logger: "gc,start", message: "GC(12) Pause Full"}}},
	{"elasticsearch", "elasticsearch", "[2026-11-24T01:56:08,123][WARN ][o.e.c.r.a.DiskThresholdMonitor] [node-1] high disk watermark [90%] exceeded\n[2026-11-24T01:56:08,200][ERROR][o.e.b.Bootstrap          ] [node-1] node validation exception", []want{{time: milli, severity: warn, logger: "o.e.c.r.a.DiskThresholdMonitor", message: "high disk"}, {severity: fail, logger: "o.e.b.Bootstrap"}}},
	{"kafka", "kafka", "[2026-11-24 01:56:08,123] ERROR [KafkaServer id=1] Fatal error during startup (kafka.server.KafkaServer)\norg.apache.kafka.common.KafkaException: Socket server failed\n\tat kafka.network.Acceptor.open(Acceptor.scala:1)\n[2026-11-24 01:56:08,200] INFO shutting down (kafka.server.KafkaServer)", []want{{time: milli, severity: fail, logger: "kafka.server.KafkaServer", message: "[KafkaServer id=1] Fatal error during startup", stack: "Acceptor.open"}, {severity: info, message: "shutting down"}}},
	{"jul", "jul", "Nov 24, 2026 1:56:08 AM com.foo.Bar baz\nSEVERE: lost connection\njava.net.ConnectException: refused\n\tat com.foo.Bar.baz(Bar.java:1)\n\nNov 24, 2026 1:56:09 PM com.foo.Bar run\nINFO: ok\nNov 24, 2026 1:56:10 PM com.foo.Bar run\nWARNING: slow", []want{{time: at, severity: fail, logger: "com.foo.Bar", message: "lost connection", stack: "Bar.java:1"}, {time: "2026-11-24T13:56:09Z", severity: info, message: "ok"}, {severity: warn, message: "slow"}}},
	{"last words of a runtime", "jul", "Nov 24, 2026 1:56:08 AM Berth tide\nINFO: forecast kept\nTerminating due to java.lang.OutOfMemoryError: Java heap space\nNov 24, 2026 1:56:10 AM Berth main\nINFO: started", []want{{severity: info, message: "forecast"}, {message: "Terminating"}, {severity: info, message: "started"}}},
	{"erlang", "erlang", "=ERROR REPORT==== 24-Nov-2026::01:56:08 ===\n** Generic server rabbit_x terminating\n** Last message in was stop\nReason: noproc\n\n=INFO REPORT==== 24-Nov-2026::01:56:09 ===\naccepting AMQP connection", []want{{time: at, severity: fail, logger: "ERROR", message: "** Generic server", stack: "Reason: noproc"}, {severity: info, message: "accepting"}}},
	{"rust tracing", "rust-tracing", "2026-11-24T01:56:08.123456Z ERROR my_app::db: connect failed error=timeout\n2026-11-24T01:56:08.200000Z  INFO my_app: listening addr=0.0.0.0:80\n2026-11-24T01:56:08.300000Z  WARN request{method=GET path=/a: b}:query{id=7}: my_app::db: slow", []want{{time: micro, severity: fail, logger: "my_app::db", message: "connect failed error=timeout"}, {severity: info, logger: "my_app", message: "listening"}, {severity: warn, logger: "my_app::db", message: "slow"}}},
	{"rails", "ruby", "E, [2026-11-24T01:56:08.123456 #123] ERROR -- : [req-1] ActiveRecord::ConnectionNotEstablished\nI, [2026-11-24T01:56:08.200000 #123]  INFO -- sidekiq: done", []want{{time: micro, severity: fail, message: "[req-1] Active"}, {severity: info, logger: "sidekiq", message: "done"}}},
	{"laravel", "monolog", "[2026-11-24 01:56:08] production.ERROR: SQLSTATE[HY000] [2002] Connection refused {\"exception\":\"[object] (PDOException(code: 2002): refused at /app/x.php:7)\n[stacktrace]\n#0 /app/x.php(7): PDO->__construct()\n#1 {main}\n\"} \n[2026-11-24 01:56:09] production.INFO: ok  \n[2026-11-24T01:56:09.123456+00:00] app.WARNING: slow {\"ms\":9} []", []want{{time: at, severity: fail, logger: "production", message: "SQLSTATE[HY000]", stack: "#0 /app/x.php"}, {severity: info, message: "ok"}, {severity: warn, logger: "app", message: "slow", fields: "context={\"ms\":9}"}}},
	{"auditd", "auditd", "type=SYSCALL msg=audit(1795485368.123:456): arch=c000003e syscall=59 success=no exit=-13 pid=77 comm=\"nginx\" key=(null)\ntype=USER_LOGIN msg=audit(1795485368.200:457): pid=9 uid=0 msg='op=login acct=\"root\" exe=\"/usr/sbin/sshd\" res=failed'\ntype=AVC msg=audit(1795485368.300:458): avc:  denied  { write } for  pid=5 comm=\"httpd\" name=\"x\"", []want{{time: milli, severity: warn, logger: "SYSCALL", fields: "comm=nginx;syscall=59"}, {severity: warn, logger: "USER_LOGIN", fields: "acct=root;res=failed"}, {severity: warn, logger: "AVC", message: "avc:  denied", fields: "comm=httpd"}}},
	{"envoy", "envoy", `[2026-11-24T01:56:08.123Z] "GET /api HTTP/1.1" 503 UF 0 91 37 - "-" "curl/8" "req-id-1" "shop" "10.0.0.2:80"` + "\n" + `[2026-11-24T01:56:08.200Z] "- - -" 0 UF,URX - - "-" 0 0 5 - "-" "-" "-" "-" "10.0.0.3:5432" outbound|5432||db - 10.0.0.4:5432 10.0.0.5:1 - -`, []want{{time: milli, severity: fail, status: 503, message: `"GET /api HTTP/1.1" 503 UF`, fields: "method=GET;path=/api;response_flags=UF;bytes=91;total_ms=37;upstream_host=10.0.0.2:80;authority=shop"}, {severity: fail, fields: "response_flags=UF,URX;upstream_host=10.0.0.3:5432;upstream_cluster=outbound|5432||db;total_ms=5"}}},
	{"istio", "envoy", `[2026-11-24T01:56:08.123Z] "GET /api HTTP/1.1" 503 UC upstream_reset_before_response_started{connection_termination} - "-" 0 95 10 - "-" "curl/8" "req-id-1" "shop" "10.0.0.2:80" outbound|80||shop.default.svc.cluster.local 10.0.0.5:1 10.0.0.6:80 10.0.0.7:2 - default`, []want{{time: milli, severity: fail, status: 503, fields: "response_flags=UC;details=upstream_reset_before_response_started{connection_termination};bytes=95;total_ms=10;upstream_cluster=outbound|80||shop.default.svc.cluster.local"}}},
	{"iis", "w3c", "2026-11-24 01:56:08 10.0.0.1 GET /api a=1 443 - 10.0.0.9 Mozilla/5.0 - 500 0 0 123", []want{{time: at, severity: fail, status: 500, fields: "method=GET;path=/api;client=10.0.0.9;total_ms=123"}}},
	{"w3c", "w3c", "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-11-24 01:56:08\n#Fields: date time cs-method cs-uri-stem sc-status time-taken\n2026-11-24 01:56:08 GET /api 404 12\n2026-11-24 01:56:09 POST /api 200 7", []want{{message: "#Software"}, {message: "#Version"}, {message: "#Date"}, {message: "#Fields"}, {time: at, severity: warn, status: 404, fields: "method=GET;path=/api"}, {severity: info, status: 200, fields: "total_ms=7"}}},
	{"apache 2.4 client", "apache-error", "[Tue Nov 24 01:56:08.123456 2026] [core:error] [pid 7] [client 10.0.0.1:5000] AH00126: Invalid URI", []want{{time: micro, severity: fail, logger: "core", message: "AH00126", fields: "client=10.0.0.1:5000"}}},
	{"logcat time", "logcat", "11-24 01:56:08.123 E/AndroidRuntime( 1234): FATAL EXCEPTION: main\n11-24 01:56:08.200 W/art     ( 1234): slow", []want{{time: milli, severity: fail, logger: "AndroidRuntime", message: "FATAL"}, {severity: warn, logger: "art", message: "slow"}}},
	{"logcat brief", "logcat", "E/AndroidRuntime( 1234): FATAL EXCEPTION: main", []want{{time: "none", severity: fail, logger: "AndroidRuntime", message: "FATAL"}}},
}

var unstampedSamples = []sample{
	{"dmesg", "dmesg", "[  123.456789] Out of memory: Killed process 42 (java)\n[12345.000001] EXT4-fs (sda1): mounted", []want{{time: "none", component: "kernel", message: "Out of memory", fields: "uptime=123.456789"}, {message: "EXT4-fs"}}},
	{"dmesg raw", "dmesg", "<3>[    0.000000] ACPI: no table", []want{{severity: fail, message: "ACPI"}}},
	{"dmesg -x", "dmesg", "kern  :err   : [    1.000000] ata1: failed", []want{{severity: fail, message: "ata1"}}},
	{"coredns", "coredns", "[INFO] 10.0.0.1:1234 - 1 \"A IN example. udp 41 false 512\" NXDOMAIN qr,rd,ra 116 0.001s\n[ERROR] plugin/errors: 2 host. A: read udp 10.0.0.1:5->10.0.0.2:53: i/o timeout\n[INFO] 10.0.0.1:1235 - 2 \"AAAA IN db. udp 41 false 512\" SERVFAIL qr 116 2.0s\n[INFO] Reloading complete",
		[]want{{time: "none", severity: info, message: `"A IN example.`, fields: "client=10.0.0.1:1234;qtype=A;name=example.;rcode=NXDOMAIN;duration=0.001s"}, {severity: fail, logger: "plugin/errors", message: "2 host. A"}, {severity: fail, fields: "rcode=SERVFAIL"}, {severity: info, message: "Reloading"}}},
	{"dotnet", "dotnet", "info: Microsoft.Hosting.Lifetime[14]\n      Now listening on: http://[::]:80\nfail: Microsoft.AspNetCore.Server.Kestrel[13]\n      Connection id \"1\": An unhandled exception\n      System.InvalidOperationException: boom\n         at Shop.Run() in /src/a.cs:line 7\nwarn: Shop.Orders[0] single line", []want{{severity: info, logger: "Microsoft.Hosting.Lifetime", message: "Now listening"}, {severity: fail, message: "Connection id", stack: "a.cs:line 7"}, {severity: warn, message: "single line"}}},
	{"kubectl events", "kubectl-events", "LAST SEEN   TYPE      REASON             OBJECT                        MESSAGE\n5m12s       Warning   FailedScheduling   pod/api-7f9c4d8b6d-x2x9z      0/3 nodes are available\n12m (x3 over 20m)   Normal   Pulled   pod/db-0   Container image already present\n<unknown>   Warning   NodeNotReady   node/n-1   Node is not ready", []want{{message: "LAST SEEN"}, {time: "none", severity: warn, component: "api", message: "0/3 nodes", fields: "reason=FailedScheduling;age=5m12s;object=pod/api-7f9c4d8b6d-x2x9z"}, {severity: info, component: "db", fields: "age=12m (x3 over 20m)"}, {severity: warn, component: "n-1"}}},
	{"kubectl events -A", "kubectl-events", "shop        5m12s       Warning   BackOff   pod/fluentd-x2x9z   Back-off restarting", []want{{severity: warn, component: "fluentd", message: "Back-off", fields: "namespace=shop;reason=BackOff"}}},
	{"maven", "plain", "[INFO] Scanning for projects...\n[WARNING] unused\n[ERROR] Failed to execute goal", []want{{severity: info, message: "Scanning"}, {severity: warn}, {severity: fail, message: "Failed to execute"}}},
	{"python default", "plain", "WARNING:root:disk is low\nERROR:shop.db:lost connection", []want{{severity: warn, logger: "root", message: "disk"}, {severity: fail, logger: "shop.db", message: "lost"}}},
	{"compiler", "plain", "error: could not compile\nerror[E0382]: borrow of moved value\nwarning: unused variable\nnote: required by\nplain words", []want{{severity: fail, message: "could not"}, {severity: fail, message: "borrow", fields: "code=E0382"}, {severity: warn}, {severity: notice}, {message: "plain words"}}},
	{"build tools", "plain", "DEBUG util.py:459:  child return code was: 1\nDEBUG buildroot.py:665:  calling preinit\nnpm ERR! code ELIFECYCLE\nnpm error code 1\nE: Unable to locate package x\nW: GPG error\n##[error]Process completed with exit code 1.\n::error file=a.go,line=1::undefined: x\nCMake Error at CMakeLists.txt:3 (find_package):\nFAILED tests/x.py::t - AssertionError\n--- FAIL: TestX (0.00s)\nINFO - done\nokay then",
		[]want{{logger: "util.py:459", message: "child"}, {severity: debug, logger: "buildroot.py:665", message: "calling"}, {severity: fail, component: "npm", message: "code ELIFECYCLE"}, {severity: fail, message: "code 1"}, {severity: fail, message: "Unable"}, {severity: warn, message: "GPG"}, {severity: fail, message: "Process completed"}, {severity: fail, message: "undefined"}, {severity: fail, message: "CMake Error"}, {severity: fail, logger: "tests/x.py::t", message: "AssertionError"}, {severity: fail, message: "--- FAIL"}, {severity: info, message: "done"}, {message: "okay"}}},
	{"a level never beats a stamp", "stamped", "2026-11-24 01:56:08 starting up\n2026-11-24 01:56:09 still starting\n2026-11-24 01:56:10 cannot go on\nERROR: first\nERROR: second", []want{{time: at, message: "starting"}, {}, {message: "cannot go on", stack: "ERROR: first\nERROR: second"}}},
	{"sentences are no levels", "plain", "Success: 3 files\nlog of the day\nnote to self", []want{{message: "Success: 3"}, {message: "log of"}, {message: "note to"}}},
}

func TestFormats(t *testing.T) {
	for _, set := range [][]sample{jsonSamples, oldSamples, newSamples, unstampedSamples} {
		for _, s := range set {
			t.Run(s.name, func(t *testing.T) { check(t, s) })
		}
	}
}

// allSamples are the texts of the tables and of the traces.
func allSamples() []string {
	var texts []string
	for _, set := range [][]sample{jsonSamples, oldSamples, newSamples, unstampedSamples} {
		for _, s := range set {
			texts = append(texts, s.text)
		}
	}
	for _, c := range traces {
		texts = append(texts, c.text)
	}
	return texts
}

// Lines cut anywhere, or with a byte turned, are bad data and no error.
func TestDamagedLines(t *testing.T) {
	var p parse.Parser
	for _, text := range allSamples() {
		l := parse.Detect([]byte(text), parse.Options{Reference: reference})
		first, _, _ := strings.Cut(text, "\n")
		b := []byte(first)
		for i := range b {
			p.Parse(l, b[:i])
			p.Parse(l, b[i:])
			for _, c := range []byte{' ', '"', ']', ':', 0xff, '0'} {
				old := b[i]
				b[i] = c
				p.Parse(l, b)
				parse.Detect(b, parse.Options{})
				b[i] = old
			}
		}
	}
}
