package memory

import "testing"

// What tells hosts, pods, ids and times apart is taken out of a line; what tells lines apart stays.
func TestConstant(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := constant(in, []string{"web-a", "db.prod.internal"}); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	f("order <*> failed after <*> ms", "order * failed after * ms")
	f("order 12 failed after 7 ms", "order * failed after * ms")
	f("2026-11-24 01:57:05,177 ERROR [http-41] c.e.Client - POST gave 503", "* ERROR [http-*] c.e.Client POST gave *")
	f("connect to web-a: refused", "connect to * refused")
	f(`dial "db.prod.internal": refused`, "dial * refused")
	f("req-ad0a9611-9c2e-4d3b-bccc-001122334455 done", "req-* done")
	f("at 0x7ffdeadbeef in main", "at *x* in main")
	f("deadbeef is a word, deadbee5 is not", "deadbeef is a word, * is not")
	f("java.lang.NullPointerException", "java.lang.NullPointerException")
	f("nested\x1b[31m\u202e text\n\tof two lines", "nested[*m text of two lines")
	f("<*> <*> 12", "*")
}

func TestRole(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := roleOf(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	f("payment-service", "payment-service")
	f("Redis", "redis")
	f("redis-1", "redis")
	f("web02", "web")
	f("api-7d9f6c8b5d-x2x8z", "api")
	f("api-7d9f6c8b5d-bcdfg", "api")
	f("order-cache-write", "order-cache-write")
	f("s3", "s")
	f("42", "42")
}
