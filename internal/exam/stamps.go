package exam

import (
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/rca-engine/rca/internal/expr"
)

// stamp is a form in which logs write an instant, as far as the exam must find and move it.
type stamp struct {
	re     *regexp.Regexp
	layout string // of the standard library; "" for a number
	unit   time.Duration
}

// stamps are looked for in the head of a line, in this order; compiled when an exam is held.
var stamps = sync.OnceValue(func() []stamp {
	return []stamp{
		{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`), "2006-01-02T15:04:05", 0},
		{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "2006-01-02 15:04:05", 0},
		{regexp.MustCompile(`\d{4}/\d\d/\d\d \d\d:\d\d:\d\d`), "2006/01/02 15:04:05", 0},
		{regexp.MustCompile(`\d{4}/\d\d/\d\dT\d\d:\d\d:\d\d`), "2006/01/02T15:04:05", 0},
		{regexp.MustCompile(`\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d`), "02/Jan/2006:15:04:05", 0},
		{regexp.MustCompile(`\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d`), "02/Jan/2006 15:04:05", 0},
		{regexp.MustCompile(`\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d`), "02-Jan-2006 15:04:05", 0},
		{regexp.MustCompile(`\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d`), "02 Jan 2006 15:04:05", 0},
		{regexp.MustCompile(`[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4}`), "Mon Jan _2 15:04:05 2006", 0},
		{regexp.MustCompile(`[A-Z][a-z]{2} \d\d, \d{4} \d{1,2}:\d\d:\d\d [AP]M`), "Jan 02, 2006 3:04:05 PM", 0},
		{regexp.MustCompile(`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d`), "Jan _2 15:04:05", 0},
		{regexp.MustCompile(`[IWEF]\d{4} \d\d:\d\d:\d\d`), "", -1},
		{regexp.MustCompile(`\b1[67]\d{11}\b`), "", time.Millisecond},
		{regexp.MustCompile(`\b1[67]\d{8}\b`), "", time.Second},
	}
})

// head is how many bytes of a line may stand before the end of its stamp.
const head = 200

var fraction = expr.Lazy(`^[.,]\d{1,9}`)

// find gives the first stamp of a line: where it stands, its form and its instant; year is of the reference, for forms
// without one.
func findStamp(l []byte, ref time.Time) (loc []int, st *stamp, at time.Time) {
	h := l[:min(len(l), head)]
	best := -1
	forms := stamps()
	for i := range forms {
		m := forms[i].re.FindIndex(h)
		if m == nil || best >= 0 && m[0] >= loc[0] {
			continue
		}
		t, ok := forms[i].parse(string(h[m[0]:m[1]]), ref)
		if !ok {
			continue
		}
		if f := fraction().Find(l[m[1]:]); f != nil && forms[i].layout != "" {
			d, _ := time.ParseDuration("0." + string(f[1:]) + "s")
			t = t.Add(d)
		}
		best, loc, st, at = i, m, &forms[i], t
	}
	return loc, st, at
}

func (s *stamp) parse(text string, ref time.Time) (time.Time, bool) {
	switch {
	case s.unit > 0:
		n, err := strconv.ParseInt(text, 10, 64)
		return time.Unix(0, n*int64(s.unit)).UTC(), err == nil
	case s.unit < 0: // klog
		t, err := time.Parse("0102 15:04:05", text[1:])
		return t.AddDate(year(ref), 0, 0), err == nil
	}
	t, err := time.Parse(s.layout, text)
	if err == nil && t.Year() == 0 {
		t = t.AddDate(year(ref), 0, 0)
	}
	return t, err == nil
}

func (s *stamp) format(text string, t time.Time) string {
	switch {
	case s.unit > 0:
		return strconv.FormatInt(t.UnixNano()/int64(s.unit), 10)
	case s.unit < 0:
		return text[:1] + t.Format("0102 15:04:05")
	}
	return t.Format(s.layout)
}

func year(ref time.Time) int {
	if ref.IsZero() {
		return 2026
	}
	return ref.Year()
}

// stampOf gives a line's instant, the zero time if it has none.
func stampOf(l []byte, ref time.Time) time.Time {
	_, _, t := findStamp(l, ref)
	return t
}

func firstStamp(files []File) time.Time {
	for _, f := range files {
		for _, l := range f.Lines {
			if t := stampOf(l, time.Time{}); !t.IsZero() {
				return t
			}
		}
	}
	return time.Time{}
}

// shiftLines moves the stamp of each line, as a clock that is off would.
func shiftLines(in [][]byte, by time.Duration) [][]byte {
	out := make([][]byte, len(in))
	for i, l := range in {
		out[i] = l
		loc, st, _ := findStamp(l, time.Time{})
		if loc == nil {
			continue
		}
		text := string(l[loc[0]:loc[1]])
		t, _ := st.parse(text, time.Time{})
		n := append([]byte{}, l[:loc[0]]...)
		n = append(n, st.format(text, t.Add(by))...)
		out[i] = append(n, l[loc[1]:]...)
	}
	return out
}

// stripStamp takes a line's stamp away, with its fraction and zone.
func stripStamp(l []byte) []byte {
	loc, _, _ := findStamp(l, time.Time{})
	if loc == nil {
		return l
	}
	rest := l[loc[1]:]
	if m := tail().FindIndex(rest); m != nil {
		rest = rest[m[1]:]
	}
	return append(append([]byte{}, l[:loc[0]]...), rest...)
}

var tail = expr.Lazy(`^(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d| UTC)?`)
