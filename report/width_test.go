package report

import (
	"slices"
	"strings"
	"testing"
)

func TestCut(t *testing.T) {
	f := func(s string, n int, want string) {
		t.Helper()
		if got := cut(s, n); got != want || textWidth(got) > n {
			t.Errorf("cut(%q, %d) = %q, want %q", s, n, got, want)
		}
	}
	f("short", 5, "short")
	f("connect to db failed", 12, "connect…+12")
	f("漢字漢字漢字", 9, "漢字漢…+3")
	f("ab", 1, "…")
	f("ab", 0, "")
}

func TestWrap(t *testing.T) {
	f := func(s string, n int, want ...string) {
		t.Helper()
		if got := wrap(s, n); !slices.Equal(got, want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", s, n, got, want)
		}
	}
	f("", 5)
	f("a b  c", 3, "a b", "c")
	f("abcdefgh", 3, "abc", "def", "gh")
	f("語語語", 4, "語語", "語")
}

// TestQuotedLosesNothing: a quote within its lines is the text itself, blanks and all.
func TestQuotedLosesNothing(t *testing.T) {
	text := "  a  b,c  " + strings.Repeat("x y  ", 40)
	if got := strings.Join(quoted(text, 20, 99), ""); got != text {
		t.Errorf("%q", got)
	}
	if got := quoted("one\ntwo\nthree", 20, 2); !slices.Equal(got, []string{"one", "two …+1 line"}) {
		t.Errorf("%q", got)
	}
}

func TestSpark(t *testing.T) {
	f := func(counts []int64, width int, want string) {
		t.Helper()
		if got := spark(counts, width); got != want {
			t.Errorf("spark(%v, %d) = %q, want %q", counts, width, got, want)
		}
	}
	f(nil, 8, "")
	f([]int64{0, 0}, 8, "▁▁")
	f([]int64{0, 1, 1000}, 8, "▁▂█")
	f([]int64{1, 1, 1, 1, 1, 1}, 4, "████")
	f([]int64{0, 0, 4, 4}, 2, "▁█")
}

func TestPercentNeverRoundsUpToAll(t *testing.T) {
	for _, c := range []struct {
		part, all int64
		want      string
	}{{9999, 10000, "99.9 %"}, {5, 5, "100 %"}, {0, 3, "0.0 %"}, {0, 0, "–"}} {
		if got := percent(c.part, c.all); got != c.want {
			t.Errorf("percent(%d, %d) = %q, want %q", c.part, c.all, got, c.want)
		}
	}
}
