package know_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/rca-engine/rca/internal/know"
)

// Every entry carries lines that it must match and fields that a reader needs.
func TestBuiltinEntries(t *testing.T) {
	l, err := know.Read(os.DirFS("data"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range l.Check() {
		t.Error(err)
	}
	if len(l.Entries) < 300 {
		t.Fatalf("%d entries", len(l.Entries))
	}
	for _, e := range l.Entries {
		if e.Means == "" || e.Confirm == "" || e.Do == "" {
			t.Errorf("%s lacks means, confirm or do", e.ID)
		}
	}
}

// entries.go is what data/*.yml says now.
func TestEntriesAreFresh(t *testing.T) {
	l, err := know.Read(os.DirFS("data"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := know.Source(l)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("entries.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r"), nil), want) {
		t.Error("entries.go is stale: run go generate ./internal/know")
	}
}

// Lines of quiet times accuse nobody.
func TestHealthyLines(t *testing.T) {
	l := know.Builtin()
	for _, s := range []string{
		"request done status=200 error=null err= duration_ms=12",
		"job finished errors=0 failed=0 skipped=2",
		"no errors found",
		"0 failed, 12 passed",
		"12 passed, 0 failed in 1.2s",
		"Tests run: 12, Failures: 0, Errors: 0, Skipped: 0",
		"config loaded timeout=30s connect_timeout=5s max_retries=3",
		"connection timeout set to 5000 ms",
		"pool opened size=10 timeout=30",
		`10.0.0.9 - - [01/Jan/2026:00:00:00 +0000] "GET /api/x HTTP/1.1" 200 512 "-" "curl/8.0"`,
		`10.0.0.9 - - [01/Jan/2026:00:00:00 +0000] "GET /x HTTP/1.1" 404 153 "-" "Mozilla/5.0"`,
		"request finished status=401 duration_ms=3",
		"request finished status=403 duration_ms=3",
		"request finished status=429 duration_ms=3",
		"worker restarted, status: running, code=0",
		"rate limiter configured rate=100",
		"tls certificate loaded, valid until 2027-01-01",
		"certificate renewed",
		"generating self-signed certificate",
		"circuit breaker closed",
		"health check passed",
		"page not found",
		"user not found",
		"GET /a/b: not found",
		"retrying in 5s",
		"exited: worker (exit status 0; expected)",
		"web-1 exited with code 0",
		"deadlock detection enabled",
		"deadlock_timeout = 1s",
		"dns cache refreshed 12 names",
		"memory usage 50% of limit",
		"disk usage 40%",
		"checked permissions: ok",
		"password changed for user x",
		"queue length 3",
		"consumer lag 0",
		"migration 12 applied",
		"all migrations are up to date",
		"token expires in 3600 seconds",
		"GC(12) Pause Young (Normal) (G1 Evacuation Pause) 24M->4M(256M) 3.412ms",
		"segment flushed",
		"node-1 is now UP",
		"backup finished, 0 errors",
		"uptime 812 s, restarts 0, oom_kills 0",
		"Zookeeper session lost, state: CLOSED",
		"State change: CONNECTED",
		"Created server with tickTime 2000 ms minSessionTimeout 4000 ms maxSessionTimeout 40000 ms",
		"Established session 0x100000f2c0a0001 with negotiated timeout 30000 for client /10.0.0.3:41022",
		"Server is ready",
		"Listening for client connections on 0.0.0.0:4222",
		"JetStream cluster new metadata leader: n1/c1",
		"Client sensor-3 disconnected.",
		"zone example.com/IN: Transfer started.",
		"transfer of 'example.com/IN' from 10.0.0.4#53: Transfer status: success",
		"transfer of 'example.com/IN' from 10.0.0.4#53: Transfer completed: 1 messages, 12 records, 412 bytes, 0.004 secs",
		"client @0x7f 10.0.0.3#40112 (a.example.com): query: a.example.com IN A +E(0)K (10.0.0.2)",
		"config error is REFUSED (EDE: not ready)",
		"no upstream servers configured",
		"0 Backend_health - default Still healthy 4---X-RH 8 3 8 0.002012 0.001900 HTTP/1.1 200 OK",
		"1700000000.123 45 10.0.0.3 TCP_MISS/200 3900 GET http://api.example.com/x - HIER_DIRECT/192.0.2.1 text/html",
		"1700000000.123 0 10.0.0.3 TCP_DENIED/407 3900 CONNECT api.example.com:443 - HIER_NONE/- text/html",
		`[2026-01-01T10:00:00.000Z] "GET /x HTTP/1.1" 200 - via_upstream - "-" 0 91 2 - "-"`,
		`10.0.0.9:41002 [27/Nov/2026:01:00:00.123] front back/web1 0/0/0/12/12 200 217 - - ---- 2/2/1/1/0 0/0 "GET / HTTP/1.1"`,
		"conn=1000 op=1 SEARCH RESULT tag=101 err=0 qtime=0.000010 etime=0.000100 nentries=1 text=",
		"conn=1000 op=0 RESULT tag=97 err=0 qtime=0.000006 etime=0.000102 text=",
		"4ABCDE: to=<a@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 1F2E)",
		"connect from app[10.0.0.3]",
		"disconnect from app[10.0.0.3] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5",
		"imap-login: Login: user=<a>, method=PLAIN, rip=10.0.0.3, lip=10.0.0.4, mpid=12, TLS",
		"(root) CMD (run-parts /etc/cron.hourly)",
		"pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
		"rotating pattern: /var/log/app/*.log  after 1 days (7 rotations)",
		"Selected source 192.0.2.1 (ntp.example.com)",
		"System clock TAI offset set to 37 seconds",
		"Source 192.0.2.1 online",
		"EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none.",
		"device-mapper: uevent: version 1.0.3",
		"nvme nvme0: 8/0/0 default/read/poll queues",
		"IPVS: Registered protocols (TCP, UDP, SCTP, AH, ESP)",
		"deployment successfully rolled out",
		"Readiness probe succeeded",
		"Pulled: Successfully pulled image registry.example/app:1.9 in 2.1s",
		"HikariPool-1 - Pool stats (total=10, active=2, idle=8, waiting=0)",
		"HikariPool-1 - Start completed.",
		"GC(12) Concurrent Mark Cycle 34.123ms",
		"Task app.add[5f3e-12] succeeded in 0.012s: None",
		"Task app.add[5f3e-12] received",
		"Loaded configuration from /etc/app/config.yml",
		"schema registered with id 7",
		"connected to broker amqp://mq:5672",
		"background saving terminated with success",
		"0 rejected, 0 dropped, 12 accepted",
		"retry queue empty",
		"cache hit ratio 0.97, evictions 0",
		"all 3 replicas are in sync",
		"lease renewed, ttl 768h",
		"token renewed",
		"user logged in",
		"job 12 completed after 1 attempt",
		"upload finished: 12 files, checksum ok",
		"verifying checksums: all match",
		"validation passed",
		"no errors, no warnings",
		"Execution time limit set to 30 s",
		"memory limit: 512 MiB",
		"quota: 12 of 100 GiB used",
		"Compiled successfully.",
		"Build succeeded.",
		"BUILD SUCCESS",
		"PLAY RECAP web1 : ok=3 changed=1 unreachable=0 failed=0 skipped=0",
		"Apply complete! Resources: 0 added, 0 changed, 0 destroyed.",
		"snapshot 1f2e saved",
		"Checkpoint 12 completed for job 1f (1234 bytes, checkpointDuration=12 ms)",
		"Finished task 3.0 in stage 1.0 (TID 12) in 123 ms on host (4/4)",
		"config is unchanged",
	} {
		for _, f := range l.Match([]string{s}, "") {
			if f.Category != "" && !f.Benign {
				t.Errorf("%s (level %d) accuses in %q", f.ID, f.Level, s)
			}
		}
	}
}
