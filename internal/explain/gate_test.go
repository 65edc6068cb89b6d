package explain_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/internal/explain"
)

var systems = []string{"postgres", "redis", "nginx", "kafka", "mysql", "rabbitmq"}

// report analyses a bundled incident.
func report(t *testing.T, name string) *rca.Report {
	t.Helper()
	dir := filepath.Join("..", "..", "testdata", "incidents", name)
	r, err := analyze.Run(t.Context(), []string{filepath.Join(dir, "logs")}, analyze.Options{Baseline: []string{filepath.Join(dir, "baseline")}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// let takes sentences through the gate of a report.
func let(r *rca.Report, claims ...explain.Claim) *rca.Explanation {
	p := explain.NewPack(r, 1<<20)
	e := &rca.Explanation{}
	explain.NewGate(r, p, systems).Let(explain.Draft{Sentences: claims}, e)
	return e
}

// What a person would say of the demo's report, and the same with one thing wrong.
func TestGate(t *testing.T) {
	r := report(t, "sessions-disk-full")
	for _, c := range []struct {
		text, evidence string
		good           bool
	}{
		{`Redis could not write its snapshot: "No space left on device".`, "E1", true},
		{`At 01:57:05.077 redis said "Write error saving DB on disk", and 6 such lines follow.`, "E1", true},
		{`Redis refuses writes with MISCONF because stop-writes-on-bgsave-error is on.`, "E3", true},
		{`Redis failed before wicket did.`, "E1 E3", true},
		{`The full disk of redis caused the errors of wicket.`, "E1 E3", true},
		{`The errors of wicket led to failed pages of foyer.`, "E3 E4", true},
		{`Foyer answered 60 pages with an error because wicket answered 500.`, "E4", true},
		{`29.8 % of the answers of nginx to GET /shelf/ are errors, 34 of 114.`, "S8", true},
		{`The errors of wicket were caused by the full disk of redis.`, "E1 E3", true},
		{`The full disk of redis was followed by errors of wicket.`, "E1 E3", true},
		{`After redis had no space left on its disk, wicket failed.`, "E1 E3", true},
		{`Free some space on the disk of redis.`, "E1", true},

		{`Redis could not write its snapshot: "No space left on devices".`, "E1", false}, // altered quote
		{`Redis could not write its snapshot: "No space left on device".`, "E4", false},  // wrong line
		{`Redis could not write its snapshot: "No space left on device".`, "", false},    // no line
		{`Redis could not write its snapshot.`, "E99", false},                            // a line that is none
		{`At 01:57:05.078 redis could not save.`, "E1", false},                           // time off by one
		{`At 01:57:06 redis could not save.`, "E1", false},
		{`Redis says so in 7 lines.`, "E1", false},
		{`Foyer answered 61 pages with an error.`, "E4", false},
		{`28.8 % of the answers of nginx are errors.`, "S8", false},
		{`Postgres could not write: "No space left on device".`, "E1", false}, // foreign system
		{`The ledger-service could not write.`, "E1", false},                  // invented name
		{`The class DiskWriter of redis failed.`, "E1", false},
		{`The file /etc/redis.conf is wrong.`, "E1", false},
		{`Zebra could not write its snapshot.`, "E1", false}, // a plain word that is no name here
		{`Nginx ran out of space.`, "E1", false},             // known, but not there
		{`Wicket failed before redis did.`, "E1 E3", false},  // reversed
		{`The errors of wicket caused the full disk of redis.`, "E1 E3", false},
		{`Redis failed because foyer failed.`, "E1 E4", false},
		{`Because of foyer, redis failed.`, "E1 E4", false},
		{`The full disk of redis was caused by the errors of wicket.`, "E1 E3", false},
		{`The errors of wicket were followed by the full disk of redis.`, "E1 E3", false},
		{`Redis failed before wicket, then foyer failed before redis.`, "E1 E3 E4", false},
		{`Redis failed after foyer.`, "E1 E4", false},
		{`Nginx is the cause.`, "S8", false}, // a cause that no hypothesis tells of
		{"Redis\u202e could not write.", "E1", false},
		{strings.Repeat("Redis could not write. ", 40), "E1", false},
	} {
		e := let(r, explain.Claim{Text: c.text, Evidence: strings.Fields(c.evidence)})
		if got := len(e.Sentences) == 1; got != c.good {
			t.Errorf("%s [%s]: let through %v, dropped %v", c.text, c.evidence, got, e.Dropped)
		}
		for _, why := range e.Dropped {
			if strings.Contains(why, "Postgres") || strings.Contains(why, "ledger") {
				t.Errorf("the reason repeats the lie: %s", why)
			}
		}
	}
}

// Sentences made of the evidence of many reports are let through; each with one thing changed is not.
func TestPlantedLies(t *testing.T) {
	good, kept := 0, 0
	lies, caught := map[string]int{}, map[string]int{}
	for _, name := range []string{"sessions-disk-full", "bakery-deadlocks", "castle-account-locked", "checkout-db-locked", "ferry-name-gone", "garden-mail-refused",
		"gateway-wrong-upstream", "ledger-leaks-connections", "parcels-certificate-expired", "stock-column-renamed", "theatre-new-column", "toys-library-crash"} {
		r := report(t, name)
		var all []rca.Evidence
		for _, h := range r.RootCauses {
			for _, e := range h.Evidence {
				if !slices.ContainsFunc(all, func(o rca.Evidence) bool { return o.ID == e.ID }) {
					all = append(all, e)
				}
			}
		}
		lie := func(kind string, c explain.Claim) {
			lies[kind]++
			if e := let(r, c); len(e.Sentences) == 0 {
				caught[kind]++
			} else {
				t.Errorf("%s: %s: let through: %q %v", name, kind, c.Text, c.Evidence)
			}
		}
		truth := func(c explain.Claim) bool {
			good++
			e := let(r, c)
			if len(e.Sentences) == 1 {
				kept++
				return true
			}
			t.Logf("%s: dropped: %q %v: %v", name, c.Text, c.Evidence, e.Dropped)
			return false
		}
		for _, e := range all {
			quote := e.Text[:min(len(e.Text), 60)]
			if strings.ContainsAny(quote, "\"`“\t") || e.Component == "" || e.Timestamp == rca.NoTime {
				continue
			}
			text := fmt.Sprintf("%s wrote %q in line %d at %s.", e.Component, quote, e.Line, e.Timestamp.Std().UTC().Format("15:04:05"))
			if strings.Contains(text, `\`) || !truth(explain.Claim{Text: text, Evidence: []string{e.ID}}) {
				continue
			}
			altered := []byte(quote)
			for i := len(altered) - 1; i >= 0; i-- {
				if altered[i] >= 'a' && altered[i] < 'z' {
					altered[i]++
					break
				}
			}
			lie("altered quote", explain.Claim{Text: strings.Replace(text, quote, string(altered), 1), Evidence: []string{e.ID}})
			lie("number off by one", explain.Claim{Text: strings.Replace(text, fmt.Sprintf("line %d", e.Line), fmt.Sprintf("line %d", e.Line+1), 1), Evidence: []string{e.ID}})
			lie("time off by one", explain.Claim{Text: strings.Replace(text, e.Timestamp.Std().UTC().Format("15:04:05"), (e.Timestamp + 1e9).Std().UTC().Format("15:04:05"), 1), Evidence: []string{e.ID}})
			lie("foreign system", explain.Claim{Text: "kafka" + strings.TrimPrefix(text, e.Component), Evidence: []string{e.ID}})
			lie("invented component", explain.Claim{Text: "moon-landing" + strings.TrimPrefix(text, e.Component), Evidence: []string{e.ID}})
			lie("no evidence", explain.Claim{Text: text})
			for _, o := range all {
				if o.ID != e.ID && !strings.Contains(o.Text, quote) {
					lie("wrong line", explain.Claim{Text: text, Evidence: []string{o.ID}})
					break
				}
			}
		}
		for _, h := range r.RootCauses[:min(1, len(r.RootCauses))] {
			for _, l := range h.Chain {
				if l.From == l.To || len(l.Evidence) == 0 {
					continue
				}
				ids := slices.Clone(l.Evidence)
				for _, e := range h.Evidence {
					if e.Component == l.From || e.Component == l.To {
						ids = append(ids, e.ID)
					}
				}
				if truth(explain.Claim{Text: fmt.Sprintf("The trouble of %s led to errors of %s.", l.From, l.To), Evidence: ids}) {
					lie("reversed order", explain.Claim{Text: fmt.Sprintf("The trouble of %s led to errors of %s.", l.To, l.From), Evidence: ids})
				}
			}
		}
	}
	for kind := range lies {
		t.Logf("%s: %d of %d caught", kind, caught[kind], lies[kind])
	}
	t.Logf("true sentences: %d of %d kept", kept, good)
	if kept*100 < good*95 {
		t.Errorf("%d of %d true sentences kept, want 95 in 100", kept, good)
	}
	for _, kind := range []string{"altered quote", "number off by one", "time off by one", "foreign system", "invented component", "no evidence", "wrong line", "reversed order"} {
		if lies[kind] < 5 {
			t.Errorf("only %d lies of the kind %s", lies[kind], kind)
		}
	}
}
