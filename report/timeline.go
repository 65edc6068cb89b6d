package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/rca-engine/rca"
)

// lanes is the geometry of the drawn timeline: a lane for each component, its turning points as numbered marks, their labels
// stacked so that they do not cover each other, and behind them the course of the component's errors. It is computed
// here so that the template only draws.
type lanes struct {
	Width, Height int
	Left, Right   int // of the plot
	Bottom        int // of the lanes, above the axis
	Lanes         []lane
	Ticks         []tick
	Label         string // for those who cannot see it
	Missing       string // what is not drawn
}

type lane struct {
	Name        string
	Top, Height int
	Line        int    // y of the marks
	Area        string // path of the errors' course
	Marks       []mark
}

type mark struct {
	N       int // place in the list of turning points, from 1
	X, Y    int
	Kind    string
	Label   string
	LabelX  int
	LabelY  int
	Anchor  string // start or end
	Tooltip string
}

type tick struct {
	X      int
	Label  string
	Anchor string
}

const (
	mostLanes   = 9
	mostLabels  = 4   // stacked in a lane
	labelHeight = 15  // pixels
	labelWide   = 6.1 // pixels of a character at the labels' size, generously
)

// draw lays the timeline out for a width in pixels, with labels at the marks or numbers only.
func (v *view) draw(width int, labels bool) *lanes {
	from, to, ok := v.extent()
	if !ok {
		return nil
	}
	d := &lanes{Width: width, Left: 132, Right: width - 14, Label: fmt.Sprintf("Timeline: %s in %s", plural(int64(len(v.Timeline)), "turning point"), span(rca.Window{Start: from, End: to}))}
	if !labels {
		d.Left = 96
	}
	x := func(t rca.Time) int {
		return d.Left + int(float64(t-from)/float64(to-from)*float64(d.Right-d.Left)+0.5)
	}
	names, rest := v.laneNames()
	if rest > 0 {
		d.Missing = plural(int64(rest), "more component") + " only in the list below"
	}
	y := 6
	for _, name := range names {
		l := lane{Name: cut(name, (d.Left-14)/7), Top: y}
		levels := d.place(&l, v, name, x, labels)
		l.Height = 38 + labelHeight*levels
		l.Line = y + l.Height - 16
		for i := range l.Marks {
			m := &l.Marks[i]
			m.Y, m.LabelY = l.Line, l.Line-14-labelHeight*m.LabelY
		}
		l.Area = area(v.errorsOf(name), v.span(), from, to, d, y+4, l.Height-6)
		d.Lanes = append(d.Lanes, l)
		y += l.Height
	}
	d.Bottom = y
	d.Height = y + 26
	d.ticks(from, to, x)
	return d
}

// extent is the time to draw: from the first turning point to the last, with some air.
func (v *view) extent() (from, to rca.Time, ok bool) {
	for _, e := range v.Timeline {
		if !known(e.Time) {
			continue
		}
		if !ok || e.Time < from {
			from = e.Time
		}
		if !ok || e.Time > to {
			to = e.Time
		}
		ok = true
	}
	air := max((to-from)/16, rca.Time(time.Second))
	return from - air, to + air, ok
}

// laneNames orders the components as the chain does, then as they come in time.
func (v *view) laneNames() (names []string, rest int) {
	inTimeline, seen := map[string]bool{}, map[string]bool{}
	for _, e := range v.Timeline {
		inTimeline[e.Component] = known(e.Time) || inTimeline[e.Component]
	}
	add := func(name string) {
		if !inTimeline[name] || seen[name] {
			return
		}
		if seen[name] = true; len(names) == mostLanes {
			rest++
			return
		}
		names = append(names, name)
	}
	if v.Top != nil {
		for _, l := range v.Top.Chain {
			add(l.From)
			add(l.To)
		}
	}
	for _, e := range v.Timeline {
		add(e.Component)
	}
	return names, rest
}

// place puts a component's marks on its lane, each label on the lowest level where it is free of the ones before, and
// returns how many levels there are. A label without room is left to the list, which the mark's number points to.
func (d *lanes) place(l *lane, v *view, name string, x func(rca.Time) int, labels bool) int {
	var ends [mostLabels]int // right end of the last label of each level
	levels := 0
	for i, e := range v.Timeline {
		if e.Component != name || !known(e.Time) {
			continue
		}
		m := mark{N: i + 1, X: x(e.Time), Kind: kindClass(e.Kind), Tooltip: formatTime(e.Time, v.Clock) + " " + e.Kind + ": " + e.Text}
		if n := len(l.Marks); n > 0 && m.X < l.Marks[n-1].X+17 {
			m.X = min(l.Marks[n-1].X+17, d.Right) // side by side, not one upon the other
		}
		if labels {
			text := cut(e.Text, 46)
			wide := int(labelWide * float64(textWidth(text)))
			m.LabelX, m.Anchor = m.X-6, "start"
			left, right := m.LabelX, m.LabelX+wide
			if right > d.Right {
				m.LabelX, m.Anchor = m.X+6, "end"
				left, right = m.LabelX-wide, m.LabelX
			}
			for level := range ends {
				if left > ends[level]+8 && left >= d.Left-8 {
					ends[level] = right
					m.Label, m.LabelY = text, level
					levels = max(levels, level+1)
					break
				}
			}
		}
		l.Marks = append(l.Marks, m)
	}
	return levels
}

// errorsOf sums the courses of a component's signals that tell of errors.
func (v *view) errorsOf(name string) []int64 {
	var sum []int64
	for _, s := range v.Signals {
		if s.Component != name || s.Severity < rca.SeverityError || len(s.Spark) == 0 || sum != nil && len(sum) != len(s.Spark) {
			continue
		}
		if sum == nil {
			sum = make([]int64, len(s.Spark))
		}
		for i, c := range s.Spark {
			sum[i] = max(sum[i], c) // a line may be behind several signals: the sum would count it twice
		}
	}
	return sum
}

// span is the time that a course of counts covers.
func (v *view) span() rca.Window {
	if known(v.Span.Start) && known(v.Span.End) && v.Span.End > v.Span.Start {
		return v.Span
	}
	return v.Window
}

// area draws counts over time as a stepped path, clipped to the plot.
func area(counts []int64, over rca.Window, from, to rca.Time, d *lanes, top, height int) string {
	var highest int64
	for _, c := range counts {
		highest = max(highest, c)
	}
	if highest == 0 || over.End <= over.Start {
		return ""
	}
	step := float64(over.End-over.Start) / float64(len(counts))
	px := float64(d.Right-d.Left) / float64(to-from)
	at := func(i int) float64 {
		x := float64(d.Left) + (float64(over.Start-from)+step*float64(i))*px
		return min(max(x, float64(d.Left)), float64(d.Right))
	}
	var b strings.Builder
	base := top + height
	for i, c := range counts {
		x0, x1 := at(i), at(i+1)
		if c <= 0 || x1 <= x0 {
			continue
		}
		h := max(2, float64(height)*float64(c)/float64(highest))
		fmt.Fprintf(&b, "M%.1f %dV%.1fH%.1fV%dZ", x0, base, float64(base)-h, x1, base)
	}
	return b.String()
}

// ticks writes some four to six round times under the lanes.
func (d *lanes) ticks(from, to rca.Time, x func(rca.Time) int) {
	steps := []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour}
	most := max(2, (d.Right-d.Left)/110)
	step := steps[len(steps)-1]
	for _, s := range steps {
		if int(time.Duration(to-from)/s) <= most {
			step = s
			break
		}
	}
	for int(time.Duration(to-from)/step) > most {
		step *= 2
	}
	layout := "15:04"
	switch {
	case step < time.Minute:
		layout = "15:04:05"
	case step >= 24*time.Hour:
		layout = "Jan 2"
	case time.Duration(to-from) > 24*time.Hour:
		layout = "Jan 2 15:04"
	}
	for t := from.Std().Truncate(step).Add(step); t.Before(to.Std()); t = t.Add(step) {
		d.Ticks = append(d.Ticks, tick{X: x(rca.Time(t.UnixNano())), Label: t.Format(layout)})
	}
}

// kindClass is the class of a mark: one of a closed set, whatever the report says.
func kindClass(kind string) string {
	switch kind {
	case "change", "cause", "effect", "symptom", "peak", "end":
		return kind
	case "first error":
		return "error"
	}
	return "other"
}
