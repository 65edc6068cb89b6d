package report_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/rca-engine/rca"
)

// The incidents of these reports are made up.

// at is an instant of the night of the incident.
func at(clock string) rca.Time {
	t, err := time.Parse(time.RFC3339Nano, "2026-03-14T"+clock+"Z")
	if err != nil {
		panic(err)
	}
	return rca.Time(t.UnixNano())
}

// earlier is an instant before that night.
func earlier(s string) rca.Time {
	t, err := time.Parse("2006-01-02T15:04:05", s)
	if err != nil {
		panic(err)
	}
	return rca.Time(t.UnixNano())
}

// line cites a line of a log.
func line(id, role, file string, n int64, clock, component, text string) rca.Evidence {
	return rca.Evidence{ID: id, Role: role, File: file, Line: n, Text: text, Offset: n * 131, Length: int64(len(text)),
		SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(text))), Checked: "reread", Timestamp: at(clock), Component: component}
}

// cascade is a confirmed cause with two services falling behind it: a replica's slot keeps the write-ahead log, which
// fills the database's disk.
func cascade() *rca.Report {
	const db, orders, checkout, gw = "logs/db/postgresql.log", "logs/orders/app.jsonl", "logs/checkout/checkout.log", "logs/gateway/access.log"
	e1 := line("E1", "cause", db, 18233, "02:14:51.204", "postgres", `2026-03-14 02:14:51.204 UTC [812] PANIC:  could not write to file "pg_wal/xlogtemp.812": No space left on device`)
	e1.Note, e1.Count = "the first refusal to write, in the server's own words", 3
	e1.Context = []rca.Line{
		{Line: 18231, Text: `2026-03-14 02:14:49.871 UTC [790] LOG:  checkpoint starting: wal`},
		{Line: 18232, Text: `2026-03-14 02:14:50.012 UTC [812] LOG:  could not create archive status file "pg_wal/archive_status/0000000100000A2B000000F1.ready": No space left on device`},
		{Line: 18233, Text: e1.Text},
		{Line: 18234, Text: `2026-03-14 02:14:51.209 UTC [1] LOG:  WAL writer process (PID 812) was terminated by signal 6: Aborted`},
		{Line: 18235, Text: `2026-03-14 02:14:51.209 UTC [1] LOG:  terminating any other active server processes`},
	}
	e2 := line("E2", "cause", "logs/db/node-exporter.log", 5120, "02:13:30", "node-exporter", `time="2026-03-14T02:13:30Z" level=warn msg="filesystem almost full" mountpoint=/var/lib/postgresql avail_bytes=83886080 used_percent=99.9`)
	e2.Note = "an independent witness: the host's own measurement, 81 s earlier"
	e3 := line("E3", "cause", db, 17006, "01:52:07.310", "postgres", `2026-03-14 01:52:07.310 UTC [4411] LOG:  replication terminated by primary server: slot "replica_b" is inactive, restart_lsn A2A/1F000028 is retained`)
	e3.Note = "from here on the write-ahead log is kept for a replica that never came back"
	e4 := line("E4", "effect", orders, 40981, "02:14:51.388", "orders-api", `{"ts":"2026-03-14T02:14:51.388Z","level":"error","svc":"orders-api","trace":"7f3c91","msg":"insert order failed","err":"FATAL: the database system is in recovery mode (SQLSTATE 57P03)","attempt":3}`)
	e4.Count = 1203
	e5 := line("E5", "effect", checkout, 9127, "02:14:58.002", "checkout", "2026-03-14 02:14:58,002 ERROR [http-41] c.e.c.OrderClient - POST http://orders-api:8080/orders gave 503 after 3 attempts\njava.io.IOException: 503 Service Unavailable\n\tat com.example.checkout.OrderClient.post(OrderClient.java:88)\n\tat com.example.checkout.Checkout.pay(Checkout.java:214)\n\tat java.base/java.lang.Thread.run(Thread.java:1583)")
	e5.Count = 688
	e6 := line("E6", "symptom", gw, 220841, "02:15:02", "gateway", `10.4.0.17 - - [14/Mar/2026:02:15:02 +0000] "POST /checkout HTTP/1.1" 502 341 "-" "Mozilla/5.0" rt=3.004`)
	e6.Count = 2750
	e7 := line("E7", "against", orders, 40977, "02:14:12", "orders-api", `{"ts":"2026-03-14T02:14:12.640Z","level":"error","svc":"orders-api","msg":"payment provider timeout","err":"context deadline exceeded","provider":"paygate"}`)
	e7.Note = "an error 39 s before the disk was full, not explained by it"
	e8 := line("E8", "symptom", checkout, 9090, "02:14:47", "checkout", `2026-03-14 02:14:47,530 INFO [http-12] c.e.c.Checkout - order 8812034 placed in 212 ms`)
	e8.Absent, e8.Checked = &rca.Absent{Expected: 1140, Seen: 0}, "kept"
	e9 := line("E9", "cause", orders, 40102, "02:09:55", "orders-api", `{"ts":"2026-03-14T02:09:55.001Z","level":"warn","svc":"orders-api","msg":"pool exhausted, waiting","in_use":50,"max":50,"waited_ms":1800}`)

	return &rca.Report{
		SchemaVersion: rca.SchemaVersion,
		Verdict:       rca.RootCauseFound,
		Window:        rca.Window{Start: at("02:09:00"), End: at("02:31:00"), Why: "errors rise to 30 times the baseline at 02:14 and fall back by 02:30"},
		Baseline:      rca.BaselineChoice{Kind: "quiet part", Why: "the same logs before 02:09", Window: rca.Window{Start: at("00:31:00"), End: at("02:09:00")}},
		Span:          rca.Window{Start: at("01:31:00"), End: at("02:31:00")},
		Headline:      "PostgreSQL ran out of disk: an inactive replication slot kept the write-ahead log, so orders and checkout failed for 15 minutes",
		Summary:       "The volume /var/lib/postgresql filled up at 02:14:51 and postgres stopped. orders-api could not write orders, checkout answered 502.",
		WhatHappened: []string{
			"From 02:15:02 to 02:29:48 the gateway answered 502 to 2,750 of 2,791 checkout requests.",
			"checkout got 503 from orders-api, which could not reach its database: postgres restarted four times and refused connections.",
			"Service returned at 02:29:48, after the slot was dropped by hand and 41 GB of log were freed.",
		},
		RootCauses: []rca.Hypothesis{
			{
				Rank: 1, Component: "postgres", Category: rca.DiskFull, Grade: rca.Confirmed, Score: 8.4, Role: "cause",
				Title:   "no space left for the write-ahead log",
				Summary: "postgres could not write its log: no space left on /var/lib/postgresql. The inactive slot replica_b had kept 41 GB of it since 01:52.",
				Meaning: "The server stops at once when it cannot write its write-ahead log, to keep data safe; it recovers by itself when there is room again.",
				Source:  "https://www.postgresql.org/docs/current/disk-full.html",
				Parts: []rca.Part{
					{Name: "first-hand", Value: 3, Why: "the component itself says what failed", Evidence: []string{"E1"}},
					{Name: "independent witness", Value: 2, Why: "the host's exporter measured the same volume full", Evidence: []string{"E2"}},
					{Name: "precedes", Value: 1.9, Why: "it comes 0.2 s before the first of 1,203 errors downstream", Evidence: []string{"E1", "E4"}},
					{Name: "blamed", Value: 2, Why: "orders-api names it in 98 % of its errors", Evidence: []string{"E4"}},
					{Name: "unexplained before", Value: -0.5, Why: "7 errors precede it", Evidence: []string{"E7"}},
				},
				Evidence: []rca.Evidence{e1, e2, e3, e4, e5, e6, e8, e7},
				Chain: []rca.Link{
					{From: "replica_b", To: "postgres", What: "the slot is inactive and keeps the write-ahead log; nothing in the logs measures how fast it grew", Weakest: true, Evidence: []string{"E3", "E2"}},
					{From: "postgres", To: "orders-api", What: "in recovery, it refuses connections (57P03), so inserts fail", Evidence: []string{"E1", "E4"}},
					{From: "orders-api", To: "checkout", What: "answers 503 after three attempts", Evidence: []string{"E5"}},
					{From: "checkout", To: "gateway", What: "2,750 answers with 502", Evidence: []string{"E6"}},
				},
				NextSteps: []string{
					"Look for other inactive slots: SELECT slot_name, active, restart_lsn FROM pg_replication_slots;",
					"Set max_slot_wal_keep_size, so that a lost replica cannot fill the disk again.",
					"Alert on /var/lib/postgresql at 85 %; the exporter warned at 99.9 %, 81 s before the stop.",
					"Build replica_b anew: its slot is gone.",
				},
			},
			{
				Rank: 2, Component: "orders-api", Category: rca.ResourceExhaustion, Grade: rca.Possible, Score: 2.1, Role: "second cause",
				Title: "connection pool at its limit", Summary: "The pool of 50 connections was in use for five minutes before the stop. It made things worse at most.",
				Evidence:  []rca.Evidence{e9, e7},
				Chain:     []rca.Link{{From: "orders-api", To: "checkout", What: "slower answers from 02:09:55 on", Weakest: true, Evidence: []string{"E9"}}},
				NextSteps: []string{"Compare the pool's waiting time with the same hour of other days."},
			},
		},
		Rejected: []rca.Rejected{
			{Component: "checkout", Category: rca.CodeDefect, Title: "release 5.12.0 at 02:03:10", Why: "the deploy ended 11 minutes before the first error, and all 688 errors name orders-api", Evidence: []string{"E5"}},
			{Component: "paygate", Category: rca.DependencySlow, Title: "the payment provider is slow", Why: "7 timeouts, as many an hour in the baseline", Evidence: []string{"E7"}},
		},
		Timeline: []rca.TimelineEntry{
			{Time: at("01:52:07.310"), Component: "postgres", Kind: "change", Text: "slot replica_b becomes inactive", Evidence: "E3"},
			{Time: at("02:03:10"), Component: "checkout", Kind: "change", Text: "release 5.12.0 is rolled out"},
			{Time: at("02:09:55"), Component: "orders-api", Kind: "change", Text: "connection pool at its limit", Evidence: "E9"},
			{Time: at("02:13:30"), Component: "node-exporter", Kind: "change", Text: "disk 99.9 % full", Evidence: "E2"},
			{Time: at("02:14:51.204"), Component: "postgres", Kind: "cause", Text: "no space left on device, the server stops", Evidence: "E1"},
			{Time: at("02:14:51.388"), Component: "orders-api", Kind: "first error", Text: "insert order failed", Evidence: "E4"},
			{Time: at("02:14:58.002"), Component: "checkout", Kind: "effect", Text: "503 from orders-api", Evidence: "E5"},
			{Time: at("02:15:02"), Component: "gateway", Kind: "symptom", Text: "first 502 to a user", Evidence: "E6"},
			{Time: at("02:21:00"), Component: "gateway", Kind: "peak", Text: "98 % of checkouts fail"},
			{Time: at("02:29:40"), Component: "postgres", Kind: "end", Text: "ready to accept connections"},
			{Time: at("02:29:48"), Component: "gateway", Kind: "end", Text: "last 502"},
		},
		Differences: []rca.Difference{
			{Kind: "new", Component: "postgres", Severity: rca.SeverityFatal, Template: `PANIC: could not write to file <*>: No space left on device`, ID: "a1", Before: 0, After: 4, Spark: peaks(60, 43, 4, 1)},
			{Kind: "new", Component: "orders-api", Severity: rca.SeverityError, Template: `insert order failed err=FATAL: the database system is in recovery mode (SQLSTATE <*>) attempt=<*>`, ID: "a2", Before: 0, After: 1203, Spark: peaks(60, 43, 16, 80)},
			{Kind: "more", Component: "gateway", Severity: rca.SeverityError, Template: `<*> "POST /checkout HTTP/1.1" 502 <*>`, ID: "a3", Before: 12, After: 2750, Spark: peaks(60, 43, 16, 190)},
			{Kind: "gone", Component: "checkout", Severity: rca.SeverityInfo, Template: `order <*> placed in <*> ms`, ID: "a4", Before: 7412, After: 0, Spark: peaks(60, 0, 43, 75)},
			{Kind: "less", Component: "gateway", Severity: rca.SeverityInfo, Template: `<*> "POST /checkout HTTP/1.1" 200 <*>`, ID: "a5", Before: 7405, After: 41, Spark: peaks(60, 0, 43, 70)},
		},
		Signals: []rca.Signal{
			{ID: "S1", Kind: rca.SignalNew, Component: "postgres", Severity: rca.SeverityFatal, Template: `PANIC: could not write to file <*>`, Text: "a kind of line never seen before", At: at("02:14:51.204"), Numbers: map[string]float64{"count": 4}, Spark: peaks(60, 43, 4, 1)},
			{ID: "S2", Kind: rca.SignalErrors, Component: "orders-api", Severity: rca.SeverityError, Text: "errors rise from 0.4 % to 96 % of its lines", At: at("02:14:51.388"), Numbers: map[string]float64{"before": 0.004, "after": 0.96}, Spark: peaks(60, 43, 16, 80)},
			{ID: "S3", Kind: rca.SignalBurst, Component: "gateway", Severity: rca.SeverityError, Text: "502 answers in a burst", At: at("02:15:02"), Numbers: map[string]float64{"ratio": 31.5, "p": 1e-12}, Spark: peaks(60, 43, 16, 190)},
			{ID: "S4", Kind: rca.SignalErrors, Component: "checkout", Severity: rca.SeverityError, Text: "errors rise from 0.1 % to 61 % of its lines", At: at("02:14:58"), Spark: peaks(60, 43, 16, 45)},
		},
		SeenBefore: &rca.SeenBefore{Compared: 41, Threshold: 0.6, Times: 2, First: earlier("2025-11-02T22:40:00"), Last: earlier("2026-01-19T04:02:11"), Matches: []rca.Recalled{
			{ID: "9d20b7c1e4f3", Headline: "postgres: the disk of the database is full", Start: earlier("2026-01-19T04:02:11"), Likeness: 0.83, State: "confirmed", Component: "postgres", Category: rca.DiskFull,
				Fixed: "dropped the slot of the replica that was gone, then set max_slot_wal_keep_size", Hosts: "other hosts: db-1 then, db-4 now", Parts: []rca.Part{
					{Name: "lines", Value: 0.7, Why: "9 of its 11 telling lines, of 10 then"}, {Name: "component", Value: 1, Why: "the same component was told as the cause: postgres"}}},
			{ID: "02b1aa90c5d7", Headline: "orders-api: too few connections", Start: earlier("2025-11-02T22:40:00"), SameTime: true, Likeness: 0.61, State: "rejected", Parts: []rca.Part{
				{Name: "stack traces", Value: 0.5, Why: "1 of its 1 stack trace, of 2 then"}}}}},
		Unknowns: []string{
			"Why replica_b went away at 01:52: its log is not among the inputs.",
			"Whether the pool was at its limit because of the disk, or on its own.",
		},
		FetchNext: []string{"The log of replica_b from 01:40 to 02:00.", "The kernel log of the database host from 02:10 on."},
		Coverage: rca.Coverage{Files: 5, Bytes: 48_210_934, Lines: 318_772, Records: 312_410, Parsed: 312_398, Unparsed: 12, WithoutTime: 31, CutLines: 1, CutBytes: 18_220,
			Skipped: []rca.Skipped{{Name: "logs/db/core.812", Reason: "a binary file"}}, Errors: 4648, ErrorsExplained: 4641, Templates: 214},
		Warnings: []rca.Warning{
			{Source: checkout, Line: 4410, Text: "the clock goes back by 2 s", Remedy: "lines keep their order, times are as written"},
			{Source: orders, Count: 12, Text: "torn JSON lines", Remedy: "taken as plain text"},
		},
		Made: rca.Made{Version: "rca 1.0.0 (go1.26)", Options: map[string]string{"until": "2026-03-14T02:31:00Z", "since": "2026-03-14T00:31:00Z", "workers": "2"},
			Inputs: []rca.Input{
				{Name: db, Component: "postgres", Format: "postgresql", Bytes: 9_120_331, Lines: 18_990, Records: 18_990, Parsed: 18_990, First: at("00:31:00"), Last: at("02:30:59"), Hash: "9ae16a3b2f90404f"},
				{Name: orders, Component: "orders-api", Format: "json", Bytes: 11_004_212, Lines: 41_300, Records: 41_300, Parsed: 41_288, First: at("00:31:00"), Last: at("02:30:58"), Hash: "c5d23f04b8a117e2"},
				{Name: checkout, Component: "checkout", Format: "log4j", Bytes: 2_730_118, Lines: 15_522, Records: 9_160, Parsed: 9_160, First: at("00:31:02"), Last: at("02:30:55"), Hash: "04be77f1aa0d6c31"},
				{Name: gw, Component: "gateway", Format: "nginx", Bytes: 25_112_008, Lines: 237_800, Records: 237_800, Parsed: 237_800, First: at("00:31:00"), Last: at("02:31:00"), Hash: "77aa0312ce9f5b6d"},
				{Name: "logs/db/node-exporter.log", Component: "node-exporter", Format: "logfmt", Bytes: 244_265, Lines: 5_160, Records: 5_160, Parsed: 5_160, First: at("00:31:00"), Last: at("02:30:30"), Hash: "1b5f0e8823d4c9a7"},
			}},
	}
}

// peaks is a series of n steps of which some are high, with a little unrest that is the same every time.
func peaks(n, from, length int, high int64) []int64 {
	out := make([]int64, n)
	for i := range out {
		if i >= from && i < from+length {
			out[i] = max(1, high*int64(80+(i*37)%21)/100)
		}
	}
	return out
}

// inconclusive is an incident that its logs do not explain.
func inconclusive() *rca.Report {
	r := cascade()
	e1 := line("E1", "symptom", "search/app.log", 8812, "09:41:03", "search-api", `2026-03-14T09:41:03Z ERROR search-api upstream request timeout after 5000ms cluster=es-main shard=unknown`)
	e1.Count = 412
	e2 := line("E2", "cause", "search/app.log", 8640, "09:39:58", "search-api", `2026-03-14T09:39:58Z WARN  search-api gc pause 1840ms heap_used=7.6GiB heap_max=8GiB`)
	e3 := line("E3", "against", "search/app.log", 2210, "07:02:11", "search-api", `2026-03-14T07:02:11Z WARN  search-api gc pause 1790ms heap_used=7.5GiB heap_max=8GiB`)
	e3.Note = "the same pause two hours earlier, without any timeout"
	r.Verdict, r.Partial, r.SeenBefore = rca.Inconclusive, true, nil
	r.Window = rca.Window{Start: at("09:38:00"), End: at("09:52:00")}
	r.Baseline = rca.BaselineChoice{Kind: "quiet part", Why: "the two hours before", Window: rca.Window{Start: at("07:00:00"), End: at("09:38:00")}}
	r.Span = rca.Window{Start: at("07:00:00"), End: at("09:52:00")}
	r.Headline = "Searches time out from 09:41, but these logs do not say why"
	r.Summary = "412 searches timed out between 09:41 and 09:50. The cluster es-main has no log here."
	r.WhatHappened = []string{"412 searches timed out between 09:41:03 and 09:50:20.", "Every timeout names the cluster es-main, which has no log among the inputs."}
	r.RootCauses = []rca.Hypothesis{
		{Rank: 1, Component: "es-main", Category: rca.DependencySlow, Title: "the search cluster answers too slowly", Summary: "All timeouts name it; nothing of its own is at hand.", Grade: rca.Possible, Score: 2.2, Role: "lead",
			Evidence: []rca.Evidence{e1}, Chain: []rca.Link{{From: "es-main", To: "search-api", What: "requests time out after 5 s", Weakest: true, Evidence: []string{"E1"}}}, NextSteps: []string{"Ask the cluster's owner for its state at 09:41."}},
		{Rank: 2, Component: "search-api", Category: rca.ResourceExhaustion, Title: "long pauses of the garbage collector", Summary: "A pause of 1.8 s precedes the timeouts by a minute.", Grade: rca.Possible, Score: 1.4, Role: "lead",
			Evidence: []rca.Evidence{e2, e3}, NextSteps: []string{"Take a heap histogram."}},
	}
	r.Rejected = nil
	r.Timeline = []rca.TimelineEntry{
		{Time: at("09:39:58"), Component: "search-api", Kind: "change", Text: "gc pause of 1.8 s", Evidence: "E2"},
		{Time: at("09:41:03"), Component: "search-api", Kind: "first error", Text: "first timeout of es-main", Evidence: "E1"},
		{Time: at("09:50:20"), Component: "search-api", Kind: "end", Text: "last timeout"},
	}
	r.Differences = []rca.Difference{{Kind: "new", Component: "search-api", Severity: rca.SeverityError, Template: "upstream request timeout after <*> cluster=<*> shard=unknown", ID: "b1", After: 412, Spark: peaks(86, 80, 5, 90)}}
	r.Signals = []rca.Signal{{ID: "S1", Kind: rca.SignalBurst, Component: "search-api", Severity: rca.SeverityError, Text: "timeouts in a burst", At: at("09:41:03"), Spark: peaks(86, 80, 5, 90)}}
	r.Unknowns = []string{"What es-main did between 09:39 and 09:50."}
	r.FetchNext = []string{"The logs of the cluster es-main, 09:30 to 10:00: server, gc and slow log.", "The kernel log of its nodes."}
	r.Coverage = rca.Coverage{Files: 1, Bytes: 1_882_100, Lines: 9_911, Records: 9_911, Parsed: 9_911, Errors: 412, Templates: 38}
	r.Warnings = nil
	r.Made.Inputs = []rca.Input{{Name: "search/app.log", Component: "search-api", Format: "plain", Bytes: 1_882_100, Lines: 9_911, Records: 9_911, Parsed: 9_911, First: at("07:00:00"), Last: at("09:52:00"), Hash: "5cf1029eab37d640"}}
	return r
}

// quiet is a report of logs without an incident, and with as few fields set as a quiet day gives.
func quiet() *rca.Report {
	return &rca.Report{
		SchemaVersion: rca.SchemaVersion,
		Verdict:       rca.NoIncident,
		Window:        rca.Window{Start: at("08:00:00"), End: at("20:00:00")},
		Baseline:      rca.BaselineChoice{Kind: "none", Why: "one file without a quieter part", Window: rca.Window{Start: rca.NoTime, End: rca.NoTime}},
		Span:          rca.Window{Start: at("08:00:00"), End: at("20:00:00")},
		Headline:      "No incident: 3 errors in twelve hours, spread evenly",
		WhatHappened:  []string{"The rate of errors did not change over the twelve hours.", "No component went silent, none restarted."},
		FetchNext:     []string{"The logs of the time at which users complained, if that is outside 08:00 to 20:00."},
		Coverage:      rca.Coverage{Files: 1, Bytes: 812, Lines: 12, Records: 12, Parsed: 12, Errors: 3, Templates: 4},
		Made: rca.Made{Version: "rca 1.0.0 (go1.26)", Inputs: []rca.Input{
			{Name: "app.log", Component: "app", Format: "syslog", Bytes: 812, Lines: 12, Records: 12, Parsed: 12, First: at("08:00:00"), Last: at("20:00:00"), Hash: "00d1e5c9a2b7f380"}}},
	}
}

// poison is what an attacker writes into a log: one of each, in one string.
const poison = "\x1b[31mred\x1b]0;title\x07 \u009b2J \u202Eevil\u2066\u200b\ufeff \xff\xfe\tTAB <script>alert(1)</script><img src=x onerror=alert(1)> " +
	"</pre></details></summary><!-- --> ```` ``` ` ~~~ | a | b \\| \\ [x](javascript:alert(1)) ![i](http://evil.example/x.png) **b** @everyone #1 &lt;b&gt; {{.}} \U000e0041 \u2028"

// hostile has poison in every string of the report.
func hostile() *rca.Report {
	r := cascade()
	poisonAll(r)
	return r
}

var multiline = poison + "\n```\n# heading\n</pre>\r\n" + strings.Repeat("`", 9) + "\n\tat x"
