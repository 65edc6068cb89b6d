package detect

import (
	"github.com/rca-engine/rca"
)

// Upstream says which component answers at an address, as the traces that pass through both show.
type Upstream struct{ Component, Address string }

// Upstreams finds who lives at the addresses that proxies pass requests to and that no name server explains: the component that
// nearly every trace through the address shows, and that traces through other addresses do not.
func Upstreams(sets ...[]rca.Trace) []Upstream {
	type tally struct {
		traces int
		with   map[string]int
	}
	by := map[string]*tally{}
	var order []string
	total := map[string]int{}
	traces := 0
	for _, set := range sets {
		for _, t := range set {
			addr, proxy := "", ""
			seen := map[string]bool{}
			for _, e := range t.Events {
				seen[e.Series.Component] = true
				if !e.Series.Access || addr != "" {
					continue
				}
				for _, p := range e.Series.Params {
					switch p.Name {
					case "ua", "upstream", "upstream_addr", "upstream_host", "backend":
						if len(p.Values) == 1 && !p.Many && p.Kind == rca.ParamAddress {
							addr, proxy = p.Values[0], e.Series.Component
						}
					}
				}
			}
			if addr == "" || len(seen) < 2 {
				continue
			}
			traces++
			k := by[addr]
			if k == nil {
				k = &tally{with: map[string]int{}}
				by[addr] = k
				order = append(order, addr)
			}
			k.traces++
			for c := range seen {
				if c != proxy {
					k.with[c]++
					total[c]++
				}
			}
		}
	}
	var out []Upstream
	for _, addr := range order {
		k := by[addr]
		best, lift := "", 0.0
		for c, n := range k.with {
			if n*10 < k.traces*8 || k.traces < 3 {
				continue
			}
			elsewhere := float64(total[c]-n+1) / float64(traces-k.traces+2)
			l := float64(n) / float64(k.traces) / elsewhere
			if l > lift || l == lift && c < best {
				best, lift = c, l
			}
		}
		if best != "" && lift > 1.5 {
			out = append(out, Upstream{best, addr})
		}
	}
	return out
}
