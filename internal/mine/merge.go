package mine

import (
	"fmt"
	"sort"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// group is a set of shapes that one statement printed.
type group struct {
	words []string
	count int64
	one   int32 // its first shape
	to    int32 // the group it was merged into, itself if none
}

// cueWords stand before a name that changes from line to line.
var cueWords = map[string]bool{"user": true, "for": true, "from": true, "host": true, "interface": true, "to": true, "by": true, "at": true, "on": true, "node": true,
	"server": true, "client": true, "name": true, "file": true, "session": true, "job": true, "pod": true, "container": true, "topic": true, "queue": true, "table": true, "database": true,
	"package": true, "class": true, "service": true, "process": true, "device": true, "thread": true, "method": true, "key": true, "id": true, "domain": true, "app": true, "activity": true}

// mergeShapes finds which shapes belong to one template: keys of the same number of words that differ at one
// position, where the words found there are variables by their look or by their number (CORE.md, section 2, step 5).
// It gives for each shape the group, and the groups' words with maskAny where they differ.
func mergeShapes(shapes []shape) ([]int32, []group) {
	groups := make([]group, 0, len(shapes))
	of := make([]int32, len(shapes))
	byKey := map[string]int32{}
	for i := range shapes {
		words := strings.Split(shapes[i].key, " ")
		if !shapes[i].access {
			words = collapse(words)
		}
		k := strings.Join(words, " ")
		if g, ok := byKey[k]; ok {
			of[i] = g
			groups[g].count += shapes[i].count
			continue
		}
		g := int32(len(groups))
		byKey[k] = g
		of[i] = g
		groups = append(groups, group{words: words, count: shapes[i].count, one: int32(i), to: g})
	}
	byLen := map[int][]int32{}
	var lens []int
	for g := range groups {
		n := len(groups[g].words)
		if n < 2 || n > 60 || shapes[groups[g].one].access {
			continue
		}
		if byLen[n] == nil {
			lens = append(lens, n)
		}
		byLen[n] = append(byLen[n], int32(g))
	}
	sort.Ints(lens)
	for _, n := range lens {
		mergeLength(groups, byLen[n], n)
	}
	mergeQualified(groups)
	for i := range of {
		of[i] = root(groups, of[i])
	}
	return of, groups
}

// mergeQualified makes one of groups that differ in qualified names alone (android.intent.action.TIME_TICK, com.example.Main): a
// name of three and more parts is no word of the statement. The first word stays, and what a colon follows: a logger or an
// exception, which are.
func mergeQualified(groups []group) {
	first := map[string]int32{}
	for g := range groups {
		if groups[g].to != int32(g) || len(groups[g].words) > 60 {
			continue
		}
		words := append([]string(nil), groups[g].words...)
		n, constant := 0, 0
		for i, w := range words {
			switch {
			case i > 0 && qualified(w):
				core := strings.Trim(w, wordMarks)
				at := strings.Index(w, core)
				words[i] = w[:at] + string(rune(maskAny)) + w[at+len(core):]
				n++
			case look(w) != lookMasked:
				constant++
			}
		}
		if n == 0 || constant == 0 {
			continue
		}
		k := strings.Join(words, " ")
		f, ok := first[k]
		if !ok {
			first[k] = int32(g)
			continue
		}
		groups[g].to = f
		groups[f].count += groups[g].count
		groups[f].words = words
	}
}

// qualified tells a name of three or more parts, without digits, that is no host and no exception.
func qualified(w string) bool {
	if strings.HasSuffix(w, ":") {
		return false
	}
	core := strings.Trim(w, wordMarks)
	dots := 0
	for i := 0; i < len(core); i++ {
		switch b := core[i]; {
		case b == '.':
			if i == 0 || core[i-1] == '.' {
				return false
			}
			dots++
		case class[b]&cLetter == 0 && b != '_' && b != '$':
			return false
		}
	}
	return dots >= 2 && !strings.HasSuffix(core, "Exception") && !strings.HasSuffix(core, "Error")
}

func root(groups []group, g int32) int32 {
	for groups[g].to != g {
		g = groups[g].to
	}
	return g
}

// mergeLength merges the groups of n words, position by position from the right, until nothing changes.
func mergeLength(groups []group, members []int32, n int) {
	var buf []byte
	for round := 0; round < 4; round++ {
		changed := false
		for pos := n - 1; pos >= 0; pos-- {
			buckets := map[uint64][]int32{}
			var order []uint64
			for _, g := range members {
				if groups[g].to != g {
					continue
				}
				buf = buf[:0]
				for i, w := range groups[g].words {
					if i == pos {
						buf = append(buf, 0)
					} else {
						buf = append(append(buf, w...), ' ')
					}
				}
				h := xxhash.Sum64(buf)
				if buckets[h] == nil {
					order = append(order, h)
				}
				buckets[h] = append(buckets[h], g)
			}
			for _, h := range order {
				set := buckets[h]
				if len(set) < 2 {
					continue
				}
				if mergeable(groups, set, pos) {
					into := set[0]
					w := append([]string(nil), groups[into].words...)
					w[pos] = widen(groups, set, pos)
					groups[into].words = w
					for _, g := range set[1:] {
						groups[g].to = into
						groups[into].count += groups[g].count
					}
					changed = true
				}
			}
		}
		if !changed {
			return
		}
	}
}

// widen makes the word that stands for all: what they share at the front up to "=", then the mask.
func widen(groups []group, set []int32, pos int) string {
	first := groups[set[0]].words[pos]
	if e := strings.IndexByte(first, '='); e > 0 {
		same := true
		for _, g := range set {
			same = same && strings.HasPrefix(groups[g].words[pos], first[:e+1])
		}
		if same {
			return first[:e+1] + string(rune(maskAny))
		}
	}
	// Brackets and marks that all have stay.
	pre, post := first, first
	for _, g := range set[1:] {
		w := groups[g].words[pos]
		pre = commonPrefix(pre, w)
		post = commonSuffix(post, w)
	}
	pre = pre[:len(pre)-len(strings.TrimLeft(pre, opening))]
	post = post[len(strings.TrimRight(post, closing)):]
	if len(pre)+len(post) >= len(first) {
		pre, post = "", ""
	}
	return pre + string(rune(maskAny)) + post
}

func commonPrefix(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return a[:i]
}

func commonSuffix(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[len(a)-1-i] == b[len(b)-1-i] {
		i++
	}
	return a[len(a)-i:]
}

// wordLook says how a word that is not all mask looks.
type wordLook uint8

const (
	lookPlain  wordLook = iota
	lookMasked          // holds a mask
	lookFancy           // camelCase, dotted, quoted, with an underscore
	lookCaps            // a state or a constant
)

func look(w string) wordLook {
	core := strings.Trim(w, "\"'()[]{}<>,;:.!?`")
	for i := 0; i < len(core); i++ {
		if core[i] < ' ' {
			return lookMasked
		}
	}
	if core != strings.Trim(w, ",;:.!?()[]{}<>") && core != "" {
		return lookFancy // was quoted
	}
	inner, lower, marks := false, false, false
	for i := 0; i < len(core); i++ {
		switch b := core[i]; {
		case b >= 'A' && b <= 'Z':
			inner = inner || i > 0 && lower
		case b >= 'a' && b <= 'z':
			lower = true
		case b == '.' || b == '_' || b == '(' || b == '/' || b == '@' || b == '$' || b == '#' || b == '-' && i > 0:
			marks = true
		}
	}
	switch {
	case inner || marks:
		return lookFancy
	case !lower && core != "":
		return lookCaps
	}
	return lookPlain
}

// mergeable decides whether the words at one position of otherwise equal keys are values of one variable.
func mergeable(groups []group, set []int32, pos int) bool {
	words := groups[set[0]].words
	masked, fancy, plain, caps, flags := 0, 0, 0, 0, 0
	var total, most int64
	key := ""
	for k, g := range set {
		w := groups[g].words[pos]
		switch look(w) {
		case lookMasked:
			masked++
		case lookFancy:
			fancy++
		case lookCaps:
			caps++
		default:
			plain++
		}
		total += groups[g].count
		most = max(most, groups[g].count)
		if v := bare(w); strings.HasSuffix(v, "=true") || strings.HasSuffix(v, "=false") {
			flags++ // two states, not a value
		}
		// Keys before "=", or before the dots that lead to a value ("prefetch depth......3"), never merge.
		e := strings.IndexByte(w, '=')
		if d := strings.Index(w, "..."); d > 0 && e < 0 {
			e = d
		}
		if e > 0 {
			if k > 0 && w[:e+1] != key {
				return false
			}
			key = w[:e+1]
		} else if k > 0 && key != "" {
			return false
		}
	}
	n := len(set)
	// All that is left of a message of few words is its one constant: merging it would say nothing.
	constant := 0
	for i, w := range words {
		if i != pos && look(w) != lookMasked {
			constant++
		}
	}
	if constant == 0 {
		return false
	}
	if masked == n {
		return true
	}
	if key != "" {
		return flags < n
	}
	if masked > 0 && plain == 0 && caps == 0 && (pos > 0 || n > 2) {
		return true
	}
	need := 0
	if pos == 0 {
		need = 3 // the first word needs more evidence
	}
	cue := false
	if pos > 0 {
		prev := strings.ToLower(strings.TrimRight(words[pos-1], ":("))
		cue = cueWords[prev] || strings.HasSuffix(words[pos-1], "=")
	}
	rare := most*3 <= total*2 || n >= 8
	switch {
	case cue && n >= 3+need && caps < n:
		return true
	case masked > 0 && n >= 3+need:
		return true
	case fancy >= 4+need && fancy*2 >= n:
		return true
	case n >= 8+need && constant >= 1 && plain == n && total <= int64(n)*3:
		return true // a word of a list of names, each seen once or twice
	case n >= 5+2*need && rare && constant >= 2 && caps*2 < n:
		// Many words, none of which dominates, and each seen seldom: not states.
		return total <= int64(n)*20 || n >= 12
	}
	return false
}

// collapse makes one of three or more variables in a row, and of the same one twice.
func collapse(words []string) []string {
	out := words[:0:0]
	for i := 0; i < len(words); {
		// "1176 bytes (1.14 KB)" says the same number twice, and the second only when it is large.
		if i > 0 && i+1 < len(words) && words[i] == "(\x01" && sizeUnits[words[i+1]] {
			i += 2
			continue
		}
		if !allMask(words[i]) {
			// id_1 id_2 id_3: the same word with other digits three times is a list as well
			j := i + 1
			for j < len(words) && look(words[i]) == lookMasked && bare(words[j]) == bare(words[i]) {
				j++
			}
			if j-i >= 2 {
				out = append(out, string(rune(maskAny)))
				i = j
				continue
			}
			out = append(out, words[i])
			i++
			continue
		}
		j := i
		for j < len(words) && allMask(words[j]) {
			j++
		}
		if j-i >= 3 || j-i == 2 && strings.Trim(words[i], ",;") == strings.Trim(words[i+1], ",;") {
			out = append(out, string(rune(maskAny)))
		} else {
			out = append(out, words[i:j]...)
		}
		i = j
	}
	return out
}

var sizeUnits = map[string]bool{"KB)": true, "MB)": true, "GB)": true, "TB)": true, "KiB)": true, "MiB)": true, "GiB)": true, "kB)": true}

func bare(w string) string { return strings.Trim(w, ",;.:()[]{}-") }

// allMask tells whether a word is nothing but masks and marks.
func allMask(w string) bool {
	m := false
	for i := 0; i < len(w); i++ {
		if w[i] < ' ' {
			m = true
		} else if class[w[i]]&(cLetter|cDigit) != 0 {
			return false
		}
	}
	return m
}

// text writes a template as people read it. sample tells which digit runs never changed: those are constant.
func (g *group) text(constantDigits map[int]string) string {
	var b strings.Builder
	n := 0
	for i, w := range g.words {
		if i > 0 {
			b.WriteByte(' ')
		}
		for k := 0; k < len(w); k++ {
			switch c := w[k]; {
			case c == maskDigits:
				if d, ok := constantDigits[n]; ok {
					b.WriteString(d)
				} else {
					b.WriteString("<*>")
				}
				n++
			case c < ' ':
				b.WriteString("<*>")
			default:
				b.WriteByte(c)
			}
		}
	}
	s := b.String()
	for strings.Contains(s, "<*><*>") {
		s = strings.ReplaceAll(s, "<*><*>", "<*>")
	}
	return s
}

func templateID(text string) string { return fmt.Sprintf("%012x", xxhash.Sum64String(text)&(1<<48-1)) }
