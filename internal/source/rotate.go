package source

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// rotations are the names that programs give to old logs. They are compiled when the first name with a digit is met.
type rotations struct{ numbered, dated, stamped *regexp.Regexp }

var rotationNames = sync.OnceValue(func() rotations {
	// app.log.3, app.log.old
	numbered := regexp.MustCompile(`^(.*[^0-9./])\.(\d{1,4}|old|prev|previous)$`)
	// app.log-20240131, app-2024-01-31.log, app.2024-01-31.0.log, app-2024-01-31T12-00-00.000.log, 0.log.20240131-120000
	dated := regexp.MustCompile(`^(.*[^-_.])[-_.]((?:19|20)\d\d)([-_.]?)(\d\d)[-_.]?(\d\d)` +
		`(?:[-_.T ]?(\d\d)(?:[-_.:h]?(\d\d)(?:[-_.:m]?(\d\d)(?:[.,](\d{3}))?)?)?)?Z?` +
		`(?:[-_.](\d{1,6}))?((?:\.[A-Za-z]\w*)*)$`)
	// access_log.1704067200, of rotatelogs and of logrotate's dateformat %s; from 2017 to 2033
	stamped := regexp.MustCompile(`^(.*[^-_.])[-_.](1[5-9]\d{8})((?:\.[A-Za-z]\w*)*)$`)
	return rotations{numbered, dated, stamped}
})

// newest is later than any rotation's date, which makes ages positive.
var newest = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// rotated returns the name of the log that a file is a part of, and how old that part is: 0 for the log itself, n for
// app.log.n, milliseconds for a date. A number before the extension is no rotation: worker.1.log and worker.2.log are
// two workers.
func rotated(name string) (series string, rotation int64) {
	dir, base := "", name
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		dir, base = name[:i+1], name[i+1:]
	}
	if b := withoutPacking(base); b != "" {
		base = b
	}
	if !strings.ContainsAny(base, "0123456789") && !strings.HasSuffix(base, ".old") && !strings.HasSuffix(base, ".prev") && !strings.HasSuffix(base, ".previous") {
		return dir + base, 0
	}
	names := rotationNames()
	if m := names.dated.FindStringSubmatch(base); m != nil {
		n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v }
		t := time.Date(n(2), time.Month(n(4)), n(5), n(6), n(7), n(8), n(9)*1e6, time.UTC)
		if int(t.Month()) == n(4) && t.Day() == n(5) && t.Hour() == n(6) { // else the digits are no date
			// Of the parts of one day or second the higher number is the newer one (logback, log4j2).
			return dir + m[1] + m[11], newest.Sub(t).Milliseconds() - int64(min(n(10), 999))
		}
	}
	if m := names.stamped.FindStringSubmatch(base); m != nil {
		s, _ := strconv.ParseInt(m[2], 10, 64)
		return dir + m[1] + m[3], newest.Sub(time.Unix(s, 0)).Milliseconds()
	}
	if m := names.numbered.FindStringSubmatch(base); m != nil {
		n, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			n = 1 // .old
		}
		return dir + m[1], n
	}
	return dir + base, 0
}

// withoutPacking takes the extension of a compressed file from a name.
func withoutPacking(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return name
	}
	switch strings.ToLower(name[i+1:]) {
	case "gz", "bz2", "xz", "zst", "zstd", "lz4", "lzma", "z":
		return name[:i]
	}
	return name
}
