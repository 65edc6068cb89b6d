package source

import "testing"

func TestRotated(t *testing.T) {
	f := func(series string, names ...string) { // from the newest to the oldest
		t.Helper()
		last := int64(-1)
		for _, n := range names {
			s, r := rotated(n)
			if s != series || r <= last {
				t.Errorf("%s: series %s, rotation %d after %d; want series %s", n, s, r, last, series)
			}
			last = r
		}
	}
	f("d/app.log", "d/app.log", "d/app.log.1", "d/app.log.2.gz", "d/app.log.10.zst")
	f("app.log", "app.log.gz", "app.log.old")
	f("app.log", "app.log", "app.log-20240102.gz", "app.log-20240101.gz", "app.log-20231231")
	f("app.log", "app-2024-01-02.log", "app-2024-01-01.log.gz", "app.2023-12-31.log")
	f("app.log", "app.2024-01-01.11.log", "app.2024-01-01.2.log.gz", "app.2024-01-01.0.log.gz")
	f("app.log", "app-2024-01-01T12-00-00.555.log", "app-2024-01-01T12-00-00.444.log.gz", "app-2024-01-01T11-00-00.log")
	f("x.tar!/p/0.log", "x.tar!/p/0.log", "x.tar!/p/0.log.20240101-120001", "x.tar!/p/0.log.20240101-120000.gz")
	f("catalina.out", "catalina.out", "catalina.out-2024010203", "catalina.out-2024010202")
	f("messages", "messages", "messages-20240101", "messages-20231201.xz")
	f("access_log", "access_log", "access_log.1704067200", "access_log.1704067100")
	f("postgresql.log", "postgresql-2024-01-01_000001.log", "postgresql-2024-01-01_000000.log")
	f("prog.INFO", "prog.INFO.20240101-101011.7", "prog.INFO.20240101-101010.12345")
	for _, n := range []string{"worker.1.log", "catalog-1.log", "10.0.0.1", "v1.2", "app-1.2.3", "a/0.log", "2024-01-01.log",
		"app-20241399.log", "x2024-01-01.log", "-", "1", "a.gz!/b", "nova_2k.log_structured.csv"} {
		f(n, n)
	}
}
