package detect

import (
	"fmt"
	"math"

	"github.com/rca-engine/rca"
)

// templates tells what is new, vanished or bursting.
func templates(in *Input, pairs []pair) []rca.Signal {
	if !in.known() {
		return nil
	}
	b, a := in.seconds()
	var out []rca.Signal
	for _, p := range pairs {
		s := p.series
		expected := float64(p.before) * a / b
		bad := 1 + float64(max(s.Severity, rca.SeverityInfo)-rca.SeverityInfo)
		sig := rca.Signal{Component: s.Component, Severity: s.Severity, Template: s.Template.Text, At: p.first, Series: s, Spark: in.spark(s)}
		switch {
		case p.before == 0 && p.after > 0 && (s.Severity >= rca.SeverityWarn || p.after >= 3):
			sig.Kind = rca.SignalNew
			sig.Text = fmt.Sprintf("%d lines, none in normal times", p.after)
			sig.Numbers = map[string]float64{"after": float64(p.after), "weight": bad * math.Log2(1+float64(p.after))}
		case p.after == 0 && expected >= 8:
			sig.Kind, sig.At = rca.SignalGone, s.Last
			sig.Text = fmt.Sprintf("about %.0f lines expected, none came", expected)
			sig.Numbers = map[string]float64{"before": float64(p.before), "expected": expected, "weight": math.Log2(1 + expected)}
		case p.after >= 5 && p.before > 0 && float64(p.after) >= 3*expected && z(p.after, expected) >= 4:
			sig.Kind = rca.SignalBurst
			sig.Text = fmt.Sprintf("%.1f times its normal rate (%d lines, %.0f expected)", float64(p.after)/math.Max(expected, .5), p.after, expected)
			sig.Numbers = map[string]float64{"before": float64(p.before), "after": float64(p.after), "expected": expected, "z": z(p.after, expected), "weight": bad * math.Log2(float64(p.after)/math.Max(expected, .5))}
		case expected >= 20 && float64(p.after)*3 <= expected && -z(p.after, expected) >= 4:
			sig.Kind = rca.SignalRate
			sig.Text = fmt.Sprintf("%d lines where %.0f were expected", p.after, expected)
			sig.Numbers = map[string]float64{"before": float64(p.before), "after": float64(p.after), "expected": expected, "z": z(p.after, expected), "weight": math.Log2(expected / math.Max(float64(p.after), .5))}
		default:
			continue
		}
		out = append(out, sig)
	}
	return out
}

// severityShift compares each component's share of bad lines.
func severityShift(in *Input, pairs []pair) []rca.Signal {
	if !in.known() {
		return nil
	}
	type sum struct{ bad, all, badB, allB int64 }
	var order []string
	by := map[string]*sum{}
	for _, p := range pairs {
		c := by[p.series.Component]
		if c == nil {
			c = &sum{}
			by[p.series.Component] = c
			order = append(order, p.series.Component)
		}
		c.all += p.after
		c.allB += p.before
		if p.series.Severity >= rca.SeverityError {
			c.bad += p.after
			c.badB += p.before
		}
	}
	var out []rca.Signal
	for _, name := range order {
		c := by[name]
		if c.all < 20 || c.allB < 20 {
			continue
		}
		now, then := float64(c.bad)/float64(c.all), float64(c.badB)/float64(c.allB)
		expected := then * float64(c.all)
		if c.bad >= 5 && now >= 2*then+.01 && z(c.bad, expected) >= 4 {
			out = append(out, rca.Signal{Kind: rca.SignalSeverity, Component: name, Severity: rca.SeverityError, At: rca.NoTime,
				Text:    fmt.Sprintf("%.1f %% of its lines are errors, %.1f %% in normal times", now*100, then*100),
				Numbers: map[string]float64{"share": now, "normal": then, "z": z(c.bad, expected), "weight": z(c.bad, expected)}})
		}
	}
	return out
}

// traffic compares how much each component writes in all.
func traffic(in *Input, pairs []pair) []rca.Signal {
	if !in.known() {
		return nil
	}
	b, a := in.seconds()
	var order []string
	type sum struct{ after, before int64 }
	by := map[string]*sum{}
	for _, p := range pairs {
		c := by[p.series.Component]
		if c == nil {
			c = &sum{}
			by[p.series.Component] = c
			order = append(order, p.series.Component)
		}
		c.after += p.after
		c.before += p.before
	}
	var out []rca.Signal
	for _, name := range order {
		c := by[name]
		expected := float64(c.before) * a / b
		switch {
		case expected >= 20 && c.after == 0:
			out = append(out, rca.Signal{Kind: rca.SignalSilence, Component: name, At: rca.NoTime, Text: fmt.Sprintf("wrote nothing; about %.0f lines were expected", expected), Numbers: map[string]float64{"expected": expected, "weight": math.Log2(expected)}})
		case expected >= 50 && (float64(c.after) > 3*expected || float64(c.after)*3 < expected):
			out = append(out, rca.Signal{Kind: rca.SignalTraffic, Component: name, At: rca.NoTime, Text: fmt.Sprintf("%d lines in all, %.0f expected", c.after, expected), Numbers: map[string]float64{"after": float64(c.after), "expected": expected, "weight": math.Abs(math.Log2((float64(c.after) + 1) / (expected + 1)))}})
		}
	}
	return out
}

// gaps finds stretches without any line of a component that otherwise writes all the time.
func gaps(in *Input, pairs []pair) []rca.Signal {
	var order []string
	by := map[string]map[rca.Time]int64{}
	for _, p := range pairs {
		if p.series.Baseline {
			continue
		}
		m := by[p.series.Component]
		if m == nil {
			m = map[rca.Time]int64{}
			by[p.series.Component] = m
			order = append(order, p.series.Component)
		}
		for _, b := range p.series.Buckets {
			m[b.Start] += b.Count
		}
	}
	step := rca.Time(max(in.Step, 1)) * 1e9
	var out []rca.Signal
	for _, name := range order {
		m := by[name]
		if len(m) < 20 {
			continue
		}
		first, last := rca.NoTime, rca.NoTime
		for t := range m {
			if first == rca.NoTime || t < first {
				first = t
			}
			last = max(last, t)
		}
		total := int64((last-first)/step) + 1
		if int64(len(m))*10 < total*8 {
			continue // it writes now and then; a pause says nothing
		}
		run, start := int64(0), rca.Time(0)
		for t := first; t <= last; t += step {
			if m[t] > 0 {
				if run >= 5 && run >= total/50 {
					out = append(out, rca.Signal{Kind: rca.SignalGap, Component: name, At: start, Text: fmt.Sprintf("no line for %d s, where it writes nearly every %d s", run*max(in.Step, 1), max(in.Step, 1)),
						Numbers: map[string]float64{"seconds": float64(run * max(in.Step, 1)), "weight": float64(run)}})
				}
				run = 0
				continue
			}
			if run == 0 {
				start = t
			}
			run++
		}
	}
	return out
}
