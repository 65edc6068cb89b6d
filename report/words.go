package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rca-engine/rca"
)

// This file holds the wording that all forms share, so that they cannot come to say different things.

// partialNote stands on the first line of a report whose run was interrupted.
const partialNote = "PARTIAL REPORT: the run was interrupted. What follows covers only what was read until then."

// titles are the headings of the three boxes. They change with the verdict: a lead is not a cause.
type titles struct{ Verdict, Happened, Caused, Next string }

func titlesOf(v rca.Verdict) titles {
	switch v {
	case rca.RootCauseFound:
		return titles{"Root cause found", "What happened", "What caused it", "Next steps"}
	case rca.Inconclusive:
		return titles{"Inconclusive", "What happened", "Leads, not causes", "What to fetch or do next"}
	case rca.NoIncident:
		return titles{"No incident", "What was seen", "Why no cause is named", "If something is wrong all the same"}
	}
	return titles{string(v), "What happened", "What is named", "Next steps"}
}

// gradeMeaning says in a sentence what a grade's word promises.
func gradeMeaning(g rca.Grade) string {
	switch g {
	case rca.Confirmed:
		return "the logs say it first-hand, and an independent second line agrees"
	case rca.Likely:
		return "the evidence points here, but does not prove it"
	case rca.Possible:
		return "a lead to check, not a finding"
	}
	return ""
}

// verdictMeaning says in a sentence how to take the answer as a whole.
func verdictMeaning(v rca.Verdict) string {
	switch v {
	case rca.Inconclusive:
		return "These logs prove no cause. The leads are worth checking, best first."
	case rca.NoIncident:
		return "Nothing in these logs asks for a cause, so none is named."
	}
	return ""
}

func roleWord(role string) string {
	switch role {
	case "cause", "effect", "symptom":
		return role
	case "against":
		return "speaks against"
	}
	return role
}

// checkedWord says how an evidence's text was checked.
func checkedWord(c string) string {
	switch c {
	case "reread":
		return "read again from its file and equal"
	case "kept":
		return "kept when first read; the source cannot be read again"
	}
	return c
}

// redactionNote says what was replaced in a redacted report, "" of any other.
func redactionNote(r *rca.Redaction) string {
	if r == nil {
		return ""
	}
	var kinds []string
	for _, k := range r.Kinds {
		kinds = append(kinds, fmt.Sprintf("%s %s", k.Kind, num(k.Values)))
	}
	if len(kinds) == 0 {
		return "REDACTED REPORT: no value had to be replaced."
	}
	s := fmt.Sprintf("REDACTED REPORT: values were replaced by pseudonyms, the same by the same (%s).", strings.Join(kinds, ", "))
	if r.Quotes > 0 {
		s += fmt.Sprintf(" %s changed by it, which rca verify cannot compare with the logs.", quotesWere(r.Quotes))
	}
	return s
}

func quotesWere(n int64) string {
	if n == 1 {
		return "1 quote was"
	}
	return num(n) + " quotes were"
}

// known tells whether t is a time worth showing.
func known(t rca.Time) bool { return t != rca.NoTime && t != 0 }

// fullTime writes date and time, with as many decimals of the second as there are, at most three.
func fullTime(t rca.Time) string {
	if !known(t) {
		return "no time"
	}
	return t.Std().Format("2006-01-02 15:04:05.999 UTC")
}

// span writes a window, repeating the date only when it changes.
func span(w rca.Window) string {
	if !known(w.Start) || !known(w.End) {
		return ""
	}
	a, b := w.Start.Std(), w.End.Std()
	end := b.Format("15:04:05 UTC")
	if a.Format(time.DateOnly) != b.Format(time.DateOnly) {
		end = b.Format("2006-01-02 15:04:05 UTC")
	}
	return a.Format("2006-01-02 15:04:05") + " – " + end + " (" + duration(b.Sub(a)) + ")"
}

func duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return two(d/time.Minute, "min", d%time.Minute/time.Second, "s")
	case d < 48*time.Hour:
		return two(d/time.Hour, "h", d%time.Hour/time.Minute, "min")
	}
	return two(d/(24*time.Hour), "d", d%(24*time.Hour)/time.Hour, "h")
}

func two(a time.Duration, au string, b time.Duration, bu string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, au)
	}
	return fmt.Sprintf("%d %s %d %s", a, au, b, bu)
}

// clock is the layout in which the times of a list are shown: short, yet telling them apart.
func clock(times []rca.Time) string {
	layout := "15:04:05"
	var first, last rca.Time
	for _, t := range times {
		if !known(t) {
			continue
		}
		if known(last) && t != last && t.Std().Truncate(time.Second).Equal(last.Std().Truncate(time.Second)) {
			layout = "15:04:05.000"
		}
		if !known(first) {
			first = t
		}
		last = t
	}
	if known(first) && first.Std().Format(time.DateOnly) != last.Std().Format(time.DateOnly) {
		return "01-02 " + layout
	}
	return layout
}

func formatTime(t rca.Time, layout string) string {
	if !known(t) {
		return "no time"
	}
	return t.Std().Format(layout)
}

// num groups digits by thousands.
func num(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// plural counts things: "1 line", "12 lines", "3 lines of evidence".
func plural(n int64, noun string) string {
	noun, rest, found := strings.Cut(noun, " of ")
	if found {
		rest = " of " + rest
	}
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "y"):
		noun = noun[:len(noun)-1] + "ies"
	case strings.HasSuffix(noun, "is"):
		noun = strings.TrimSuffix(noun, "is") + "es"
	default:
		noun += "s"
	}
	return num(n) + " " + noun + rest
}

func byteSize(n int64) string {
	switch {
	case n < 1000:
		return plural(n, "byte")
	case n < 1e6:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.2f GB", float64(n)/1e9)
}

// percent rounds down, so that only all is 100 %.
func percent(part, all int64) string {
	if all <= 0 {
		return "–"
	}
	if part == all {
		return "100 %"
	}
	tenths := int64(float64(part) / float64(all) * 1000)
	return fmt.Sprintf("%d.%d %%", tenths/10, tenths%10)
}

// confidence is shown only where it was calibrated.
func confidence(c *float64) string {
	if c == nil {
		return ""
	}
	return fmt.Sprintf("right in %.0f of 100 such cases", *c*100)
}

// number writes a measured value with no more digits than carry meaning.
func number(x float64) string {
	if x == float64(int64(x)) && x > -1e15 && x < 1e15 {
		return num(int64(x))
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}

// change words a difference from the baseline: "0 → 412", with a factor where it says something.
func change(d rca.Difference) string {
	s := num(d.Before) + " → " + num(d.After)
	switch {
	case d.Before > 0 && d.After >= 2*d.Before:
		s += fmt.Sprintf(" (×%s)", number(float64(d.After*10/d.Before)/10))
	case d.Before > 0 && d.After > 0 && d.Before >= 2*d.After:
		s += fmt.Sprintf(" (÷%s)", number(float64(d.Before*10/d.After)/10))
	}
	return s
}

// absent words a line that stopped coming.
func absent(a *rca.Absent) string {
	return fmt.Sprintf("stopped coming: %s expected, %s seen; this is the last one", num(a.Expected), num(a.Seen))
}
