package parse_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/parse"
)

// traces are what runtimes print when they fail: the first line, which is the message when the trace stands alone, and the rest.
var traces = []struct{ name, text string }{
	{"java nested", `java.lang.IllegalStateException: cannot load order 7
	at com.shop.Orders.load(Orders.java:42)
	at com.shop.Api.get(Api.java:9)
	Suppressed: java.io.IOException: close failed
		at com.shop.Pool.close(Pool.java:3)
		... 2 more
Caused by: java.sql.SQLException: connection refused
	at org.db.Driver.connect(Driver.java:77)
	... 12 more`},
	{"java thread", `Exception in thread "main" java.lang.OutOfMemoryError: Java heap space
	at java.base/java.util.Arrays.copyOf(Arrays.java:3537)
	at Main.main(Main.java:5)`},
	{"python chained", `Traceback (most recent call last):
  File "/app/db.py", line 12, in connect
    sock = socket.create_connection(addr)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
ConnectionRefusedError: [Errno 111] Connection refused

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    db.connect()
shop.errors.Unavailable: database is down`},
	{"python cause", `Traceback (most recent call last):
  File "a.py", line 1, in f
    g()
KeyError: 'x'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
    f()
RuntimeError: no x`},
	{"go panic", `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47e1c5]

goroutine 1 [running]:
main.(*Server).handle(0x0, {0xc00001c0a8, 0x5})
	/src/main.go:42 +0x25
main.main()
	/src/main.go:9 +0x1d

goroutine 18 [chan receive]:
github.com/shop/pool.(*Pool).wait(...)
	/src/pool/pool.go:77
created by github.com/shop/pool.New in goroutine 1
	/src/pool/pool.go:12 +0x65
exit status 2`},
	{"go fatal", `fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive]:
main.main()
	/src/main.go:5 +0x25`},
	{"node", `/app/server.js:12
    throw new Error("boom");
    ^

Error: boom
    at Object.<anonymous> (/app/server.js:12:11)
    at Module._compile (node:internal/modules/cjs/loader:1105:14) {
  code: 'EBOOM',
  [cause]: Error: inner
      at f (/app/a.js:1:2)
}

Node.js v20.11.0`},
	{"node plain", `TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument must be of type string
    at validateString (node:internal/validators:162:11)
    at /app/a.js:7:3`},
	{"ruby", `/app/db.rb:3:in 'Integer#/': divided by 0 (ZeroDivisionError)
	from /app/db.rb:3:in 'Object#f'
	from /app/main.rb:1:in '<main>'`},
	{"php", `PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /app/db.php:7
Stack trace:
#0 /app/db.php(7): PDO->__construct()
#1 /app/index.php(3): connect()
#2 {main}
  thrown in /app/db.php on line 7`},
	{"dotnet", `Unhandled exception. System.InvalidOperationException: no connection
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at System.Net.Sockets.Socket.Connect()
   --- End of inner exception stack trace ---
   at Shop.Db.Open() in /src/Db.cs:line 9
   at Shop.Program.Main()`},
	{"rust", `thread 'main' panicked at src/main.rs:4:5:
called ` + "`Result::unwrap()`" + ` on an ` + "`Err`" + ` value: Os { code: 111, kind: ConnectionRefused }
stack backtrace:
   0: rust_begin_unwind
             at /rustc/abc/library/std/src/panicking.rs:597:5
   1: core::panicking::panic_fmt
note: Some details are omitted, run with ` + "`RUST_BACKTRACE=full`" + ` for a verbose backtrace.`},
	{"asan", `=================================================================
==1234==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010
READ of size 4 at 0x602000000010 thread T0
    #0 0x4f1234 in main /src/a.c:7
    #1 0x7f1234 in __libc_start_main

0x602000000010 is located 0 bytes inside of 4-byte region
freed by thread T0 here:
    #0 0x4c1234 in free
SUMMARY: AddressSanitizer: heap-use-after-free /src/a.c:7 in main
==1234==ABORTING`},
	{"dart", `Unhandled exception:
Bad state: No element
#0      List.first (dart:core-patch/growable_array.dart:343:5)
#1      main (file:///app/main.dart:3:12)
<asynchronous suspension>`},
}

const (
	before = "2026-11-24 01:56:07,000 INFO [main] com.shop.Api - before\n"
	failed = "2026-11-24 01:56:08,123 ERROR [main] com.shop.Api - request failed\n"
	after  = "2026-11-24 01:56:09,000 INFO [main] com.shop.Api - after\n"
)

func records(t *testing.T, text string) []rca.Record {
	t.Helper()
	_, recs, _ := read(text)
	return recs
}

func dump(t *testing.T, recs []rca.Record) {
	t.Helper()
	for i := range recs {
		t.Logf("%d: lines %d-%d %s %q stack %q", i, recs[i].Line, recs[i].EndLine, recs[i].Severity, recs[i].Message, recs[i].Stack)
	}
}

// A trace stays whole, whether it follows an error, stands alone between stamped lines, or between lines without a stamp.
func TestTracesStayWhole(t *testing.T) {
	for _, c := range traces {
		lines := int64(strings.Count(c.text, "\n")) + 1
		head, _, _ := strings.Cut(c.text, "\n")
		t.Run(c.name+"/of an error", func(t *testing.T) {
			recs := records(t, before+before+failed+c.text+"\n"+after+after)
			if len(recs) != 5 || recs[2].Message != "request failed" || recs[2].EndLine != 2+lines || !strings.HasPrefix(strings.TrimSpace(recs[2].Stack), head) {
				t.Errorf("want 5 records and the trace behind the third one's message")
				dump(t, recs)
			}
		})
		t.Run(c.name+"/after an information", func(t *testing.T) {
			recs := records(t, before+before+c.text+"\n"+after+after)
			if len(recs) != 5 && len(recs) != 4 || recs[len(recs)-3].EndLine != 1+lines {
				t.Errorf("want the trace as one record, or as the rest of the line before")
				dump(t, recs)
			} else if len(recs) == 4 {
				t.Logf("joined to an information")
			}
		})
		t.Run(c.name+"/unstamped", func(t *testing.T) {
			recs := records(t, "starting up\nlistening on port 80\n"+c.text+"\nrestarting now\nlistening again\n")
			if len(recs) != 5 || recs[2].EndLine != 1+lines {
				t.Errorf("want 5 records, the third one being the trace")
				dump(t, recs)
			}
		})
	}
}

func one(t *testing.T, text string, n, i int, message, stack string) {
	t.Helper()
	recs := records(t, text)
	if len(recs) != n || !strings.HasPrefix(recs[i].Message, message) || !strings.Contains(recs[i].Stack, stack) || stack == "" && recs[i].Stack != "" {
		t.Errorf("want %d records, number %d with message %q and stack %q", n, i, message, stack)
		dump(t, recs)
	}
}

// The message and its trace are told apart when one JSON string or one field holds both.
func TestTraceIsSplitFromMessage(t *testing.T) {
	one(t, `{"time":"2026-11-24T01:56:08Z","level":"error","msg":"failed","stack":"Error: boom\n    at f (/app/a.js:1:2)"}`+"\n", 1, 0, "failed", "at f (/app/a.js")
	one(t, before+failed+"\tat com.shop.Api.get(Api.java:9)\n"+after, 3, 1, "request failed", "\tat com.shop")
	one(t, "2026-11-24 01:56:07,000 - shop - INFO - ok\n2026-11-24 01:56:08,000 - shop - ERROR - Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'\n2026-11-24 01:56:09,000 - shop - INFO - ok\n", 3, 1, "Traceback", "KeyError: 'x'")
}

// Every line of a trace has the header again where the logger or journald stamps lines.
func TestTraceWithHeaders(t *testing.T) {
	text := "Nov 24 01:56:07 n1 shop[7]: fine\n"
	for _, l := range []string{"java.lang.IllegalStateException: no", "\tat com.shop.A.b(A.java:1)", "\tat com.shop.A.c(A.java:2)", "Caused by: java.io.IOException: x", "\t... 2 more"} {
		text += "<27>Nov 24 01:56:08 n1 shop[7]: " + l + "\n"
	}
	text += "Nov 24 01:56:09 n1 shop[7]: fine\n"
	one(t, text, 3, 1, "java.lang.IllegalStateException: no", "Caused by: java.io.IOException")
}

func TestPartsAreJoined(t *testing.T) {
	cri := "2026-11-24T01:56:08.123456789Z stdout P {\"level\":\"error\",\"msg\":\"a long \n2026-11-24T01:56:08.123456790Z stdout P li\n2026-11-24T01:56:08.123456791Z stdout F ne\"}\n2026-11-24T01:56:09Z stdout F {\"level\":\"info\",\"msg\":\"next\"}\n2026-11-24T01:56:09.5Z stdout F {\"level\":\"info\",\"msg\":\"last\"}\n"
	one(t, cri, 3, 0, "a long line", "")
	part := strings.Repeat("x", 16<<10)
	docker := `{"log":"` + part + `","stream":"stdout","time":"2026-11-24T01:56:08.123456Z"}` + "\n" + `{"log":" end\n","stream":"stdout","time":"2026-11-24T01:56:08.123456Z"}` + "\n" + `{"log":"next\n","stream":"stdout","time":"2026-11-24T01:56:09Z"}` + "\n"
	one(t, docker, 2, 0, part+" end", "")
}

func TestContinuationLines(t *testing.T) {
	one(t, before+"2026-11-24 01:56:08,000 ERROR [main] com.shop.Db - query failed: SELECT *\n    FROM orders\n    WHERE total > 5\n"+after, 3, 1, "query failed: SELECT *", "FROM orders\n    WHERE")
	one(t, before+"2026-11-24 01:56:08,000 INFO [main] com.shop.Db - answer: {\n  \"id\": 7,\n  \"error\": \"failed\"\n}\n"+after, 3, 1, "answer: {", "\"id\": 7")
	one(t, "starting\nquery failed: SELECT *\n    FROM orders\ndone\n", 3, 1, "query failed", "FROM orders")
	one(t, "2026-11-24 01:56:08.123 UTC [7] ERROR:  syntax error\n2026-11-24 01:56:08.123 UTC [7] STATEMENT:  SELECT\n\tFROM x\n2026-11-24 01:56:09.123 UTC [7] LOG:  ok\n", 2, 0, "syntax error", "SELECT\n\tFROM x")
}

// Blocks of any size give the same records, whatever the format.
func TestCutKeepsRecordsWhole(t *testing.T) {
	var texts []string
	for _, set := range [][]sample{oldSamples, newSamples, unstampedSamples} {
		for _, s := range set {
			texts = append(texts, strings.Repeat(s.text+"\n", 4))
		}
	}
	for _, c := range traces {
		texts = append(texts, strings.Repeat(before+failed+c.text+"\n"+after, 4), strings.Repeat("starting up\nlistening\n"+c.text+"\nrestarting now\nfine\n", 4))
	}
	for _, text := range texts {
		o := parse.Options{Reference: reference}
		l := parse.Detect([]byte(text), o)
		var p parse.Parser
		key := func(r *rca.Record, at int64) string {
			return fmt.Sprint(at+r.Offset, r.Length, r.Time, r.Severity, r.Message, r.Stack, r.Logger, r.Component, r.Fields)
		}
		var want []string
		whole := p.Parse(l, []byte(text))
		for i := range whole {
			want = append(want, key(&whole[i], 0))
		}
		for _, size := range []int{64, 150, 333, 1000} {
			var got []string
			rest, at := []byte(text), int64(0)
			for n := size; len(rest) > 0; {
				n = min(n, len(rest))
				c := l.Cut(rest[:n], n == len(rest))
				if c == 0 {
					n += size
					continue
				}
				recs := p.Parse(l, rest[:c])
				for i := range recs {
					got = append(got, key(&recs[i], at))
				}
				rest, at, n = rest[c:], at+int64(c), size
			}
			if strings.Join(got, "\x00") != strings.Join(want, "\x00") {
				t.Errorf("%s in blocks of %d bytes: %d records, want %d of\n%s", l.Format, size, len(got), len(want), text[:len(text)/4])
				for i := range got {
					if i >= len(want) || got[i] != want[i] {
						t.Logf("record %d: %q, want %q", i, got[i], want[min(i, len(want)-1)])
						break
					}
				}
			}
		}
	}
}

// Docker's parts are put together as they were, on their own lines, also when the last one never came.
func TestDockerPartsAreWhole(t *testing.T) {
	quote := func(s string) string {
		return `{"log":` + strconv.Quote(s) + `,"stream":"stdout","time":"2026-11-24T01:56:08.1Z"}` + "\n"
	}
	a, b, c := `{"level":"info","msg":"`+strings.Repeat("x", 16350), strings.Repeat("y", 16384), `z","k":1}`+"\n"
	small := quote(`{"level":"info","msg":"small"}` + "\n")
	read := func(text string) []rca.Record {
		var p parse.Parser
		return p.Parse(parse.Detect([]byte(text), parse.Options{}), []byte(text))
	}
	recs := read(small + quote(a) + quote(b) + quote(c) + small)
	if len(recs) != 3 || recs[1].Line != 1 || recs[1].EndLine != 3 || recs[1].Severity != rca.SeverityInfo ||
		recs[1].Message != strings.Repeat("x", 16350)+strings.Repeat("y", 16384)+"z" {
		t.Errorf("%d records; the second stands on lines %d to %d, %s, %d bytes", len(recs), recs[1].Line, recs[1].EndLine, recs[1].Severity, len(recs[1].Message))
	}
	if recs = read(small + small + quote(a) + quote(b)); len(recs) != 3 || recs[2].EndLine != 3 || len(recs[2].Message) != len(a)+len(b) {
		t.Errorf("an open line was lost: %d records", len(recs))
	}
}
