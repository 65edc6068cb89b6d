package explain

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/rca-engine/rca"
)

// orderWords tell which of two parties came first. The longer stand before the shorter that they hold, and hide them.
var orderWords = []struct {
	text   string
	back   bool // what stands behind came first; at the head of a sentence, what stands up to the comma
	causal bool
}{
	{"as a result of", true, true}, {"caused by", true, true}, {"triggered by", true, true}, {"followed by", false, false}, {"preceded by", true, false},
	{"led to", false, true}, {"leads to", false, true}, {"resulted in", false, true}, {"caused", false, true}, {"causes", false, true}, {"triggered", false, true}, {"made", false, true},
	{"so that", false, true}, {"therefore", false, true}, {"because of", true, true}, {"because", true, true}, {"due to", true, true},
	{"before", false, false}, {"then", false, false}, {"preceded", false, false}, {"after", true, false}, {"since", true, false}, {"followed", true, false},
}

// parties are the names of components and systems that a text holds as whole words, in their order.
func (g *Gate) parties(text string) []string {
	low := strings.ToLower(text)
	type found struct {
		at   int
		name string
	}
	var all []found
	for n := range g.names {
		if i := indexWord(low, n); i >= 0 {
			all = append(all, found{i, n})
		}
	}
	slices.SortFunc(all, func(a, b found) int {
		if a.at != b.at {
			return a.at - b.at
		}
		return strings.Compare(a.name, b.name)
	})
	var out []string
	for _, f := range all {
		out = append(out, f.name)
	}
	return out
}

// indexWord finds a word with no letter, digit or joining sign around it.
func indexWord(text, word string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return -1
		}
		i += from
		if !joins(text, i-1) && !joins(text, i+len(word)) {
			return i
		}
		from = i + 1
	}
}

func hasWord(text, word string) bool { return indexWord(text, word) >= 0 }

// joins tells whether the byte at i makes a longer word of what is beside it.
func joins(s string, i int) bool {
	if i < 0 || i >= len(s) {
		return false
	}
	c := s[i]
	if c == '-' || c == '_' {
		return true
	}
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// unquote takes out what stands between double quotes or backticks.
func unquote(text string) (rest string, quotes []string) {
	var b strings.Builder
	for text != "" {
		i := strings.IndexAny(text, "\"`“")
		if i < 0 {
			break
		}
		open, size := text[i:i+1], 1
		shut := open
		if strings.HasPrefix(text[i:], "“") {
			shut, size = "”", len("“")
		}
		j := strings.Index(text[i+size:], shut)
		if j < 0 {
			break
		}
		if q := text[i+size : i+size+j]; q != "" {
			quotes = append(quotes, q)
		}
		b.WriteString(text[:i] + " ")
		text = text[i+size+j+len(shut):]
	}
	return b.String() + text, quotes
}

// numbersOf are the words with a digit, without the marks around them: 60, 01:57:05.077, E1, 10.0.0.7:5432, v2, 15s.
func numbersOf(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool {
		return !(unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(".:-_/%+@", r))
	}) {
		if w = strings.Trim(w, ".:-_/+@"); strings.ContainsAny(w, "0123456789") {
			out = append(out, strings.ToLower(w))
		}
	}
	return out
}

// isID tells whether a word is the id of an evidence or a signal, which sentences may name.
func isID(w string) bool {
	return len(w) > 1 && (w[0] == 'e' || w[0] == 's') && strings.Trim(w[1:], "0123456789") == ""
}

// hasNumber tells whether a number, or a word with one, stands in what is cited: as it is, or as the same value. A part of a word counts
// where other signs than digits part it: 60 stands in "60s" and 01:57:05 in 2026-11-24T01:57:05.077Z, but 5 not in 57.
func (b *bearing) hasNumber(n string) bool {
	v, isNumber := value(n)
	for _, m := range b.numbers {
		if m == n {
			return true
		}
		if w, ok := value(m); ok && isNumber && w == v {
			return true
		}
		if isNumber && isClock(m) {
			continue // 24 is no part of 2026-11-24
		}
		if i := strings.Index(m, n); i >= 0 && !digitAt(m, i-1) && !digitAt(m, i+len(n)) && !fractionAt(m, i-1) && !letterAt(m, i-1) {
			return true
		}
	}
	return false
}

// isClock tells whether a word is a date or a time.
func isClock(s string) bool {
	if strings.Trim(s, "0123456789:-/.tz+") != "" {
		return false
	}
	return strings.Count(s, ":") > 1 || strings.Count(s, "-") > 1 || strings.Count(s, "/") > 1 || len(s) == 5 && s[2] == ':'
}

func digitAt(s string, i int) bool  { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
func letterAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= 'a' && s[i] <= 'z' }

// fractionAt tells whether the byte at i is the point of a number that goes on to the left: 5 does not stand in 0.5.
func fractionAt(s string, i int) bool { return i > 0 && s[i] == '.' && digitAt(s, i-1) }

func value(s string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// figures are the ways in which a computed number is written.
func figures(v float64) []string {
	out := []string{strconv.FormatFloat(v, 'g', -1, 64), strconv.FormatFloat(v, 'f', 0, 64), strconv.FormatFloat(v, 'f', 1, 64), strconv.FormatFloat(v, 'f', 2, 64)}
	return append(out, strconv.FormatFloat(v, 'g', 3, 64))
}

// timesOf are the ways in which a time is written.
func timesOf(t rca.Time) []string {
	if t == rca.NoTime {
		return nil
	}
	s := t.Std().UTC()
	out := []string{strings.ToLower(s.Format(time.RFC3339Nano))}
	for _, layout := range []string{"15:04:05", "15:04:05.000", "15:04", "2006-01-02"} {
		out = append(out, s.Format(layout))
	}
	return out
}

// identifiers are words that name something: with a joining sign, or with capitals inside; in lower case. That "read-only" is one as well
// costs a sentence now and then; a service that does not exist would cost more.
func identifiers(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool {
		return !(unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-/:@", r))
	}) {
		w = strings.Trim(w, ".-/:@_")
		if strings.ContainsAny(w, "0123456789") {
			continue // looked at as a number
		}
		inner := strings.ContainsAny(w, "-_./:@") || camel(w)
		if inner && !strings.EqualFold(w, "and/or") {
			out = append(out, strings.ToLower(w))
		}
	}
	return out
}

// openers are words with which a sentence may begin that names its party later, or none. Any other first word is taken for a name.
var openers = " a about according after all also although an and another any as at because before both but by check clients conditions commands connections " +
	"deliveries during each either errors even every failed failures first five for four free from further hence however i if in increase inspect instead it its lines " +
	"look make many messages more most neither new no none nothing now of on once one only operations other others pages queries raise read reads remove requests " +
	"restart restore retries running saving say set several since so some soon start stop such ten that the their then there therefore these they this those three thus " +
	"to two under until users verify we what when where whether which while who why with without work writes writing you your "

// opening gives the first word of a sentence in lower case, "" where a sentence may begin with it.
func opening(text string) string {
	w, _, _ := strings.Cut(strings.TrimLeft(text, " "), " ")
	w = strings.ToLower(strings.Trim(w, ".,:;!?()'"))
	w = strings.TrimSuffix(w, "'s")
	if w == "" || strings.Contains(openers, " "+w+" ") || strings.ContainsAny(w, "0123456789") {
		return ""
	}
	return w
}

// camel tells words as ResponseError and nodeJs from those with one capital at the head, and from those that are all capitals.
func camel(w string) bool {
	up, low := 0, 0
	for i, r := range w {
		if unicode.IsUpper(r) && i > 0 {
			up++
		}
		if unicode.IsLower(r) {
			low++
		}
	}
	return up > 0 && low > 0
}

// linesOf are the numbers that stand behind the word line.
func linesOf(text string) []string {
	var out []string
	words := strings.Fields(strings.ToLower(text))
	for i, w := range words[:max(0, len(words)-1)] {
		if n := strings.Trim(words[i+1], ".,:;()"); w == "line" && strings.Trim(n, "0123456789") == "" {
			out = append(out, n)
		}
	}
	return out
}

// denials contradict a report that found a cause, whatever a line may say of itself; orders to the reader are none of a log's business.
var denials = []string{"no incident", "no problem", "no problems", "no issue", "no issues", "healthy", "all is well", "is fine", "are fine", "false alarm", "resolved", "as intended", "as expected",
	"nothing is wrong", "nothing happened", "ignore", "disregard", "works normally", "work normally"}

// common are words of a sentence's frame, which no line needs to say.
var common = " about after again against all also and another any anyone anything because been before begin began being both but came cannot cause caused could did does down during each " +
	"either even every failed failing fails failure first five for four free from gave give given gives had happen happened has have having here into its itself last later least less line lines " +
	"made make makes many may more most much must neither new next none not nothing now off once one only other others our out over said same saying says tell tells told follow follows followed several shall should show shows since some " +
	"soon stand stands started still stopped such than that the their them then there therefore these they this those three through thus time times too trouble two under until upon use used uses " +
	"using very was way went were what when where which while who why will with within without work would write writes wrote yet you your "

// support counts the words of a sentence that say something, and those of them that the cited lines say as well, in whatever form of the word.
func support(low string, borne []*bearing) (said, of int) {
	for _, w := range strings.FieldsFunc(low, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if len(w) < 4 || strings.Contains(common, " "+w+" ") {
			continue
		}
		of++
		stem := w[:min(len(w), max(4, len(w)-2))]
		if slices.ContainsFunc(borne, func(b *bearing) bool { return strings.Contains(b.words, stem) }) {
			said++
		}
	}
	return said, of
}
