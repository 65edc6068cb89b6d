package parse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rca-engine/rca"
)

// columns is a header learned from a sample: where no built-in format fits, the lines themselves tell which of
// their first columns are time, level, process and logger (CORE.md, section 2).
type columns struct {
	stamp     int                  // column of the time
	last      int                  // last column of the header
	level     int                  // column of the level, -1 if there is none
	logger    int                  // column of a dotted logger name, -1
	host      bool                 // a host follows the stamp, as in syslog
	bracket   bool                 // a bracketed context may follow the header
	component bool                 // one "word:" may follow
	dash      bool                 // the message begins after an early " - "
	separator int                  // column of the separator that ends the header, -1
	optional  [maxColumns + 1]bool // brackets, numbers and separators that a line may lack
	why       string
}

type columnKind uint8

const (
	colWord columnKind = iota
	colTime
	colLevel
	colInt
	colBracket
	colSeparator
	colColon  // ends with ":"
	colDotted // a.b.C, an identifier with dots
	colPipe   // ends with "|"
)

const maxColumns = 14

// token is one column of one line.
type token struct {
	kind       columnKind
	start, end int
	time       rca.Time
	sev        rca.Severity
}

// nextToken reads the column at s[i:]; brackets are kept whole, and so is a stamp that contains blanks. With look it tells
// the kinds of words apart, which costs more than all the rest.
func (p *Parser) nextToken(s string, i int, epoch, look bool) (token, bool) {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	if i >= len(s) {
		return token{}, false
	}
	t := token{start: i, time: rca.NoTime}
	b := s[i]
	at := i
	if b == '[' || b == '(' || b == '<' {
		at++
	}
	if at < len(s) && (digit(s[at]) || s[at] >= 'A' && s[at] <= 'Z') {
		if at == i || b == '[' || b == '(' {
			if tm, n := p.clock.stamp(s[at:], epoch); n > 0 {
				end := at + n
				if at > i && end < len(s) && (s[end] == ']' || s[end] == ')') {
					end++
				}
				if end == len(s) || s[end] == ' ' || s[end] == '\t' || s[end] == ':' || s[end] == ',' || s[end] == '[' || s[end] == '|' || s[end] == ']' {
					if end < len(s) && (s[end] == ',' || s[end] == ':' || s[end] == '|') {
						end++
					}
					t.kind, t.end, t.time = colTime, end, tm
					return t, true
				}
			}
		}
	}
	if at > i {
		closing := byte(']')
		switch b {
		case '(':
			closing = ')'
		case '<':
			closing = '>'
		}
		depth := 0
		for j := i; j < len(s) && j < i+240; j++ {
			if s[j] == b {
				depth++
			} else if s[j] == closing {
				if depth--; depth == 0 {
					end := j + 1
					if end < len(s) && s[end] == ':' {
						end++
					}
					if end < len(s) && s[end] != ' ' && s[end] != '[' && s[end] != '(' {
						break
					}
					t.end = end
					t.kind = colBracket
					if sev := rca.SeverityWord(strings.TrimSpace(s[i+1 : j])); sev != rca.SeverityUnknown {
						t.kind, t.sev = colLevel, sev
					}
					return t, true
				}
			}
		}
	}
	j := i
	for j < len(s) && s[j] != ' ' && s[j] != '\t' {
		j++
	}
	t.end = j
	w := s[i:j]
	switch {
	case len(w) <= 3 && allOf(w, &separators):
		t.kind = colSeparator
	case allDigits(w):
		t.kind = colInt
	case look:
		core := trim(w, &levelMarks)
		if sev := rca.SeverityWord(core); sev != rca.SeverityUnknown && len(core) > 2 {
			t.kind, t.sev = colLevel, sev
		} else if len(core) == 1 && sev != rca.SeverityUnknown && len(w) == 1 && upper(w) {
			t.kind, t.sev = colLevel, sev
		} else if w[len(w)-1] == ':' {
			t.kind = colColon
		} else if w[len(w)-1] == '|' {
			t.kind = colPipe
		} else if dotted(w) {
			t.kind = colDotted
		}
	}
	return t, true
}

// sets of bytes as tables: strings.Trim makes one anew for every word.
var separators, levelMarks, processMarks = set("-|:*>="), set("[]()<>:|,*"), set("[]()<>")

func set(s string) (t [256]bool) {
	for i := 0; i < len(s); i++ {
		t[s[i]] = true
	}
	return t
}

func allOf(s string, t *[256]bool) bool {
	for i := 0; i < len(s); i++ {
		if !t[s[i]] {
			return false
		}
	}
	return true
}

func trim(s string, t *[256]bool) string {
	for len(s) > 0 && t[s[0]] {
		s = s[1:]
	}
	for len(s) > 0 && t[s[len(s)-1]] {
		s = s[:len(s)-1]
	}
	return s
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !digit(s[i]) {
			return false
		}
	}
	return len(s) > 0
}

// dotted matches an identifier as loggers name themselves: com.acme.till.Drawer, app.core.manager, main#12.
func dotted(s string) bool {
	if len(s) < 3 || !letter(s[0]) && s[0] != '_' {
		return false
	}
	marks := 0
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b == '.' || b == '#' || b == ':' && i+1 < len(s) && digit(s[i+1]):
			marks++
		case letter(b) || digit(b) || b == '_' || b == '$' || b == '-' || b == '[' || b == ']':
		default:
			return false
		}
	}
	return marks > 0 && s[len(s)-1] != '.'
}

// sameStamp leaves out the rows whose first stamp does not stand where most have it: a log may quote tables and answers that
// have stamps of their own.
func sameStamp(rows [][]columnKind, first []int) [][]columnKind {
	col := 0
	for i, n := range first {
		if n > first[col] {
			col = i
		}
	}
	if first[col]*3 < len(rows)*2 {
		return rows
	}
	return slices.DeleteFunc(rows, func(row []columnKind) bool { return slices.Index(row, colTime) != col })
}

// learnColumns finds the header that most of the lines share, and how many have it.
func learnColumns(p *Parser, lines []string) (*columns, int) {
	rows := make([][]columnKind, 0, len(lines))
	kinds := make([]columnKind, 0, len(lines)*maxColumns)
	var first [7]int // how many lines have their first stamp in this column
	for _, s := range lines {
		row := kinds[len(kinds):len(kinds):cap(kinds)]
		timed := -1
		for i := 0; len(row) < maxColumns && (timed >= 0 || len(row) <= 6); {
			t, ok := p.nextToken(s, i, len(row) <= 2, true)
			if !ok {
				break
			}
			if t.kind == colTime && timed < 0 {
				timed = len(row)
			}
			row = append(row, t.kind)
			i = t.end
		}
		if timed >= 0 && timed <= 6 {
			rows = append(rows, row)
			kinds = kinds[:len(kinds)+len(row)]
			first[timed]++
		}
	}
	rows = sameStamp(rows, first[:])
	if len(rows) < 1 || len(rows)*5 < len(lines) && len(rows) < 20 {
		return nil, 0
	}
	share := func(col int, kinds ...columnKind) float64 {
		n := 0
		for _, row := range rows {
			if col < len(row) {
				for _, k := range kinds {
					if row[col] == k {
						n++
						break
					}
				}
			}
		}
		return float64(n) / float64(len(rows))
	}
	c := &columns{stamp: -1, level: -1, logger: -1, separator: -1}
	for col := 0; col < 10; col++ {
		if share(col, colTime) >= .9 {
			// The last stamp with a date wins: BGL and Thunderbird have an epoch before the real one. Both say the same.
			if c.stamp < 0 {
				c.stamp = col
			}
			c.last = col
		}
		if share(col, colLevel) >= .9 {
			c.level, c.last = col, col
		}
	}
	if c.stamp < 0 {
		return nil, 0
	}
	// syslog under a prefix: a host and "tag[pid]:" behind a stamp that ends the header so far
	if c.level < 0 && share(c.last+2, colColon) >= .6 && share(c.last+1, colWord, colDotted) >= .9 {
		c.host, c.component = true, true
		c.last++
	}
	many := len(rows) >= 20
	grow := func() {
		for c.last+1 < maxColumns && (share(c.last+1, colBracket, colSeparator) >= .97 || many && share(c.last+1, colInt) >= .97) {
			c.last++
			c.optional[c.last] = true
		}
	}
	if c.level < 0 || c.stamp > c.level || c.last == c.level {
		grow()
	}
	if !c.host && share(c.last+1, colDotted) >= .9 {
		c.last++
		c.logger = c.last
		grow()
	}
	if c.last > c.stamp && share(c.last, colSeparator) >= .97 {
		c.separator = c.last
	}
	if c.logger >= 0 && share(c.last+1, colBracket) >= .3 {
		c.bracket = true
	}
	if !c.component && c.logger < 0 && share(c.last+1, colColon) >= .5 {
		c.component = true
	}
	if !c.component && c.level < 0 {
		n := 0
		for _, row := range rows {
			for col := c.last + 1; col < len(row) && col <= c.last+4; col++ {
				if row[col] == colSeparator {
					n++
					break
				}
			}
		}
		c.dash = float64(n) >= .95*float64(len(rows))
	}
	// What each line must have to count: its stamp in the stamp's column.
	n := 0
	for _, row := range rows {
		if c.stamp < len(row) && row[c.stamp] == colTime {
			n++
		}
	}
	for col := 0; col <= c.last; col++ {
		name := "word"
		for _, k := range []columnKind{colTime, colLevel, colInt, colBracket, colSeparator, colDotted, colColon} {
			if share(col, k) >= .5 {
				name = [...]string{"word", "time", "level", "number", "[…]", "separator", "name:", "logger", "|"}[k]
			}
		}
		c.why += " " + name
	}
	return c, n
}

func (c *columns) String() string { return fmt.Sprintf("«%s»", strings.TrimSpace(c.why)) }

func (c *columns) format() *format { return &format{name: "stamped", head: c.head} }

// head reads one line under the learned header.
func (c *columns) head(p *Parser, s string, r *rca.Record) bool {
	i := 0
	for col := 0; col <= c.last; col++ {
		t, ok := p.nextToken(s, i, col <= 2, col == c.level)
		if !ok {
			if col > c.stamp {
				break
			}
			return false
		}
		if col == c.stamp && t.kind != colTime {
			return false
		}
		if col == c.separator && t.kind != colSeparator {
			// One word more than usual before the separator, as in "chrome.exe *64 - ".
			if d := strings.Index(s[t.start:], " - "); d >= 0 && d < 40 {
				t.end = t.start + d + 2
				t.kind = colSeparator
			}
		}
		if c.optional[col] && t.kind != colBracket && t.kind != colSeparator && t.kind != colInt {
			break
		}
		switch {
		case t.kind == colTime:
			if r.Time == rca.NoTime {
				r.Time = t.time
			}
		case col == c.level:
			r.Severity = t.sev
		case col == c.logger:
			r.Logger = s[t.start:t.end]
		case c.host && col == c.last:
			r.Host = s[t.start:t.end]
		case t.kind == colBracket || t.kind == colInt:
			if r.Process == "" {
				r.Process = trim(s[t.start:t.end], &processMarks)
			}
		}
		i = t.end
	}
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
		if c.logger >= 0 && i < len(s) && s[i] == ' ' { // the indentation of a trace's line is part of it
			break
		}
	}
	if c.bracket && i < len(s) && s[i] == '[' {
		if t, ok := p.nextToken(s, i, false, false); ok && t.kind == colBracket {
			if i = t.end; i < len(s) && s[i] == ' ' {
				i++
			}
		}
	}
	if c.component && i < len(s) {
		if e := tagEnd(s[i:]); e > 0 && plainTag(s[i:i+e]) {
			tag := s[i : i+e]
			if o := strings.IndexByte(tag, '['); o > 0 {
				r.Process = strings.TrimSuffix(tag[o+1:], "]")
				tag = tag[:o]
			}
			if c.host {
				r.Component = tag[strings.LastIndexByte(tag, '/')+1:]
			} else {
				r.Logger = tag
			}
			i += e + 1
			if i < len(s) && s[i] == ' ' {
				i++
			}
		}
	}
	if c.dash {
		if strings.HasPrefix(s[i:], "- ") {
			i += 2
		} else if d := strings.Index(s[i:], " - "); d >= 0 && d < 60 {
			if r.Logger == "" {
				r.Logger = s[i : i+d]
			}
			i += d + 3
		}
	}
	r.Message = s[i:]
	if r.Severity == rca.SeverityUnknown && c.level < 0 && len(s) > i {
		if t, ok := p.nextToken(s, i, false, true); ok && t.kind == colLevel && (s[t.start] == '[' || s[t.end-1] == ':' || strings.ToUpper(s[t.start:t.end]) == s[t.start:t.end]) {
			r.Severity = t.sev
		}
	}
	return true
}

// plainTag accepts what may be a program's or logger's name before a colon.
func plainTag(s string) bool {
	for i := 0; i < len(s); i++ {
		if b := s[i]; !letter(b) && !digit(b) && strings.IndexByte("._-/$[]()#@:", b) < 0 {
			return false
		}
	}
	return rca.SeverityWord(s) == rca.SeverityUnknown && letter(s[0]) || s[0] == '/'
}
