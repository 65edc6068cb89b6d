package detect

import (
	"fmt"
	"math"
	"strings"

	"github.com/rca-engine/rca"
)

// ratios compares, for each endpoint of an access log, the share of answers that are the server's failure.
func ratios(in *Input, pairs []pair) []rca.Signal {
	if !in.known() {
		return nil
	}
	type sum struct {
		all, bad, allB, badB int64
		first                rca.Time
		component            string
	}
	by := map[string]*sum{}
	var order []string
	for _, p := range pairs {
		if !p.series.Access {
			continue
		}
		text := p.series.Template.Text
		i := strings.LastIndexByte(text, ' ')
		if i < 0 {
			continue
		}
		k := p.series.Component + "\x00" + text[:i]
		s := by[k]
		if s == nil {
			s = &sum{first: rca.NoTime, component: p.series.Component}
			by[k] = s
			order = append(order, k)
		}
		s.all += p.after
		s.allB += p.before
		if p.series.Status >= 500 {
			s.bad += p.after
			s.badB += p.before
			if p.first != rca.NoTime && (s.first == rca.NoTime || p.first < s.first) {
				s.first = p.first
			}
		}
	}
	var out []rca.Signal
	for _, k := range order {
		s := by[k]
		if s.bad < 5 || s.all == 0 {
			continue
		}
		now, then := float64(s.bad)/float64(s.all), 0.0
		if s.allB > 0 {
			then = float64(s.badB) / float64(s.allB)
		}
		if score := z(s.bad, then*float64(s.all)); now >= 2*then+.02 && score >= 4 {
			endpoint := k[strings.IndexByte(k, 0)+1:]
			out = append(out, rca.Signal{Kind: rca.SignalErrors, Component: s.component, Severity: rca.SeverityError, Template: endpoint, At: s.first,
				Text:    fmt.Sprintf("%.1f %% of the answers to %s are errors (%d of %d), %.1f %% in normal times", now*100, endpoint, s.bad, s.all, then*100),
				Numbers: map[string]float64{"share": round(now), "normal": round(then), "errors": float64(s.bad), "weight": score}})
		}
	}
	return out
}

// limitWords name the bound that a line states beside what is used.
var limitWords = map[string]bool{"max": true, "limit": true, "maximum": true, "capacity": true, "total": true, "max_connections": true, "maxsize": true, "max_size": true, "pool_size": true, "poolsize": true, "quota": true, "maxmemory": true, "max_open": true, "hard_limit": true}

// usedWords name what is used of it.
var usedWords = map[string]bool{"used": true, "active": true, "in_use": true, "inuse": true, "open": true, "current": true, "busy": true, "size": true, "connections": true, "usage": true, "acquired": true, "queue": true, "queued": true, "heap": true, "allocated": true, "count": true}

// limits finds lines that state a bound, and that say it is reached where it was not in normal times.
func limits(in *Input, pairs []pair) []rca.Signal {
	var out []rca.Signal
	for _, p := range pairs {
		if p.series.Baseline {
			continue
		}
		for i := range p.series.Numbers {
			bound := &p.series.Numbers[i]
			if !limitWords[strings.ToLower(bound.Name)] || len(bound.Points) == 0 {
				continue
			}
			lim, n := mean(bound.Points)
			if n == 0 || lim <= 0 {
				continue
			}
			for k := range p.series.Numbers {
				used := &p.series.Numbers[k]
				if k == i || !usedWords[strings.ToLower(used.Name)] || len(used.Points) < 2 {
					continue
				}
				full := rca.NoTime
				low := math.Inf(1)
				for _, pt := range used.Points {
					v := float64(pt.Max) / 1000
					low = math.Min(low, float64(pt.Min)/1000)
					if full == rca.NoTime && v >= .98*lim && v <= 1.05*lim {
						full = pt.Start
					}
				}
				if full == rca.NoTime || low >= .9*lim {
					continue
				}
				out = append(out, rca.Signal{Kind: rca.SignalLimit, Component: p.series.Component, Severity: p.series.Severity, Template: p.series.Template.Text, At: full, Series: p.series, Spark: means(used.Points),
					Text:    fmt.Sprintf("%s reaches the %s that the line states: %s of %s", used.Name, bound.Name, figure(lim), figure(lim)),
					Numbers: map[string]float64{"limit": round(lim), "lowest": round(low), "weight": 10}})
			}
		}
	}
	return out
}

// telling are the fields whose new value is worth a word: what runs, where, and under which settings.
var telling = map[string]bool{"version": true, "release": true, "revision": true, "commit": true, "image": true, "build": true, "tag": true, "config": true, "env": true, "environment": true, "region": true, "zone": true, "node": true, "leader": true, "primary": true, "master": true, "flag": true, "feature": true}

// values finds fields that take a value which normal times never saw.
func values(in *Input, pairs []pair) []rca.Signal {
	if !in.Given {
		return nil
	}
	seen := map[string]bool{}
	known := map[string]bool{}
	for _, p := range pairs {
		if p.base == nil {
			continue
		}
		for i := range p.base.Params {
			q := &p.base.Params[i]
			if telling[strings.ToLower(q.Name)] && !q.Many {
				known[p.base.Component+"\x00"+q.Name] = true
				for _, v := range q.Values {
					seen[p.base.Component+"\x00"+q.Name+"\x00"+v] = true
				}
			}
		}
	}
	var out []rca.Signal
	for _, p := range pairs {
		if p.series.Baseline {
			continue
		}
		for i := range p.series.Params {
			q := &p.series.Params[i]
			k := p.series.Component + "\x00" + q.Name
			if !known[k] || q.Many {
				continue
			}
			for _, v := range q.Values {
				if !seen[k+"\x00"+v] {
					seen[k+"\x00"+v] = true
					out = append(out, rca.Signal{Kind: rca.SignalValue, Component: p.series.Component, Severity: p.series.Severity, Template: p.series.Template.Text, At: p.first, Series: p.series,
						Text: fmt.Sprintf("%s is %s, which normal times never saw", q.Name, v), Numbers: map[string]float64{"weight": 3}})
				}
			}
		}
	}
	return out
}
