// Package exam measures the accuracy of the engine on incidents whose cause is known.
//
// In: folders with logs/, where there is one baseline/, and a truth file. Out: one Outcome for each question asked of
// each incident, and the table that sums them up.
//
// A question is an incident as it stands, or changed in a way that should not change the answer (Variants): names
// replaced, knowledge taken away, lines lost, clocks off. Where the proof itself is taken away, or nothing has happened yet,
// the right answer is silence.
package exam

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/internal/expr"
)

// TruthName and LabelName are the two forms of a truth file that Load reads.
const (
	TruthName = "incident.json"
	LabelName = "label.json"
)

// Incident is a folder of logs with the truth about them.
type Incident struct {
	Name       string
	Dir        string
	Fault      string // what two incidents of the same fault have in common: component and kind, and the function where the label has it
	HeldOut    bool   // kept from whoever tunes the engine
	Cascading  bool
	Solvable   bool // the label says that the logs can tell
	Components []string
	Weak       []string // defensible neighbours
	Categories []rca.Category
	Evidence   []*regexp.Regexp
	Injected   time.Time
	Logs, Base []File
}

// File is one log, whole, by its base name.
type File struct {
	Name  string
	Lines [][]byte // each with its line end
}

// truth is TruthName.
type truth struct {
	Cause struct {
		Component      string         `json:"component"`
		Aliases        []string       `json:"aliases"`
		Weak           []string       `json:"aliases_weak"`
		Category       rca.Category   `json:"category"`
		CategoryAccept []rca.Category `json:"category_accept"`
		Evidence       []string       `json:"evidence"`
	} `json:"cause"`
	Injected  string `json:"injected_at"`
	Cascading bool   `json:"cascading"`
	HeldOut   bool   `json:"held_out"`
}

// label is LabelName, as published sets have it.
type label struct {
	ID   string `json:"id"`
	Root struct {
		Component      string         `json:"component"`
		Service        string         `json:"service"`
		Aliases        []string       `json:"aliases"`
		Weak           []string       `json:"aliases_weak"`
		Accept         []string       `json:"accept"`
		Group          []string       `json:"accept_group"`
		Category       rca.Category   `json:"category"`
		CategoryAccept []rca.Category `json:"category_accept"`
		Kind           string         `json:"kind"`
		Function       string         `json:"function"`
		Region         string         `json:"region"`
		Evidence       []string       `json:"evidence_regex"`
		Message        string         `json:"message_regex"`
	} `json:"root_cause"`
	Injected  string `json:"injected_at"`
	Cascading bool   `json:"cascading"`
	Solvable  any    `json:"solvable_from_logs"` // true, false, or a word
}

// Find gives the folders below the paths that hold a truth file, sorted.
func Find(paths []string) ([]string, error) {
	var dirs []string
	for _, p := range paths {
		err := filepath.WalkDir(p, func(p string, d fs.DirEntry, err error) error {
			if err == nil && (d.Name() == TruthName || d.Name() == LabelName) {
				dirs = append(dirs, filepath.Dir(p))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	sort.Strings(dirs)
	return slices.Compact(dirs), nil
}

// Load reads an incident. Its logs are held in memory: an exam is small.
func Load(dir string) (*Incident, error) {
	x := &Incident{Name: filepath.Base(dir), Dir: dir, Solvable: true}
	var patterns []string
	if b, err := os.ReadFile(filepath.Join(dir, TruthName)); err == nil {
		var t truth
		if err := json.Unmarshal(b, &t); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, TruthName), err)
		}
		x.HeldOut, x.Cascading = t.HeldOut, t.Cascading
		x.Components = append([]string{t.Cause.Component}, t.Cause.Aliases...)
		x.Weak, x.Categories = t.Cause.Weak, append([]rca.Category{t.Cause.Category}, t.Cause.CategoryAccept...)
		patterns = t.Cause.Evidence
		x.Fault = fault(t.Cause.Component, string(t.Cause.Category))
		x.Injected = instant(t.Injected)
	} else if b, err := os.ReadFile(filepath.Join(dir, LabelName)); err == nil {
		var l label
		if err := json.Unmarshal(b, &l); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, LabelName), err)
		}
		r := l.Root
		x.Cascading = l.Cascading
		x.Solvable = l.Solvable == nil || l.Solvable == true
		if r.Service != "" || len(r.Accept) > 0 {
			x.Components = append([]string{r.Service}, r.Accept...)
			x.Weak = r.Group
		} else {
			x.Components = append([]string{r.Component}, r.Aliases...)
			x.Weak = r.Weak
		}
		if r.Category != "" {
			x.Categories = append([]rca.Category{r.Category}, r.CategoryAccept...)
		}
		x.Fault = fault(x.Components[0], string(r.Category), r.Kind, r.Function, r.Region)
		patterns = r.Evidence
		if r.Message != "" {
			patterns = append(patterns, r.Message)
		}
		x.Injected = instant(l.Injected)
	} else {
		return nil, fmt.Errorf("%s: no %s and no %s", dir, TruthName, LabelName)
	}
	for _, p := range patterns {
		re, err := regexp.Compile(p)
		if err != nil {
			return nil, fmt.Errorf("%s: a pattern of its truth: %w", dir, err)
		}
		x.Evidence = append(x.Evidence, re)
	}
	var err error
	if x.Logs, err = readFiles(filepath.Join(dir, "logs")); err != nil {
		return nil, err
	}
	if x.Base, err = readFiles(filepath.Join(dir, "baseline")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return x, nil
}

// fault joins what a label says of a fault.
func fault(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "/")
}

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func readFiles(dir string) ([]File, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	var out []File
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, p)
		f := File{Name: filepath.ToSlash(name)}
		f.Lines = splitLines(b)
		out = append(out, f)
		return nil
	})
	return out, err
}

func splitLines(b []byte) [][]byte {
	var out [][]byte
	for len(b) > 0 {
		n := len(b)
		for i, c := range b {
			if c == '\n' {
				n = i + 1
				break
			}
		}
		out = append(out, b[:n:n])
		b = b[n:]
	}
	return out
}

// norm makes names comparable: "postgres.log", "Postgres" and "/var/log/postgres" are one.
func norm(s string) string {
	s = strings.ToLower(path.Base(strings.ReplaceAll(strings.TrimSpace(s), `\`, "/")))
	s = suffixes().ReplaceAllString(s, "")
	s = strings.TrimSuffix(s, "-service")
	s = strings.TrimSuffix(s, "-access")
	s = strings.TrimSuffix(s, "-error")
	var b strings.Builder
	for _, c := range s {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			b.WriteRune(c)
		}
	}
	return b.String()
}

var suffixes = expr.Lazy(`\.(log|txt|json|out)(\.\d+)?$`)

// is tells whether a component is one of the names.
func is(component string, names []string) bool {
	for _, n := range names {
		if n != "" && norm(n) == norm(component) {
			return true
		}
	}
	return false
}

// own tells whether a file is the log of the true component.
func (x *Incident) own(f File) bool { return is(f.Name, x.Components) }

// Question is what is asked of the engine: logs, a baseline, and what a right answer is.
type Question struct {
	*Incident
	Variant   string
	Logs      []File
	Base      []File
	NoBase    bool
	Options   analyze.Options
	Silence   bool     // nothing happened, or nothing is left to prove it: naming a cause is wrong
	Translate []string // the names under which the true component goes here, if others than the incident's
}

// Outcome is how a question was answered.
type Outcome struct {
	Incident string       `json:"incident"`
	Variant  string       `json:"variant"`
	HeldOut  bool         `json:"held_out,omitempty"`
	Cascade  bool         `json:"cascade,omitempty"`
	Solvable bool         `json:"solvable"`
	Silence  bool         `json:"silence,omitempty"`
	Verdict  rca.Verdict  `json:"verdict"`
	Found    bool         `json:"found"`
	First    bool         `json:"first"`
	Three    bool         `json:"three"`
	Lenient  bool         `json:"lenient"` // the first is right, or a defensible neighbour
	Category bool         `json:"category"`
	Proved   bool         `json:"proved"`
	Answered bool         `json:"answered"` // there is a first hypothesis, be it a lead
	Right    bool         `json:"right"`    // that one is the true component
	Grade    rca.Grade    `json:"grade,omitempty"`
	Got      string       `json:"got"`
	Kind     rca.Category `json:"got_category,omitempty"`
	Want     string       `json:"want"`
	Why      string       `json:"why,omitempty"` // the title of the first
	Basis    string       `json:"basis,omitempty"`
	Conf     float64      `json:"confidence"`
	Loudest  bool         `json:"loudest"` // the naive method: most new error lines
	Earliest bool         `json:"earliest"`
	Parts    []rca.Part   `json:"-"`
}

// Ask has the engine answer.
func (q *Question) Ask(ctx context.Context, tmp string) (Outcome, error) {
	out := Outcome{Incident: q.Name, Variant: q.Variant, HeldOut: q.HeldOut, Cascade: q.Cascading, Solvable: q.Solvable, Silence: q.Silence, Want: q.Components[0]}
	if len(q.Categories) > 0 {
		out.Want += "/" + string(q.Categories[0])
	}
	rep, err := q.report(ctx, tmp)
	if err != nil {
		return out, err
	}
	q.score(rep, &out)
	return out, nil
}

// report writes the question's logs to a folder of its own and analyses them there.
func (q *Question) report(ctx context.Context, tmp string) (*rca.Report, error) {
	dir, err := os.MkdirTemp(tmp, "exam")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	logs := filepath.Join(dir, "logs")
	if err := writeFiles(logs, q.Logs); err != nil {
		return nil, err
	}
	o := q.Options
	if !q.NoBase && len(q.Base) > 0 {
		base := filepath.Join(dir, "baseline")
		if err := writeFiles(base, q.Base); err != nil {
			return nil, err
		}
		o.Baseline = []string{base}
	}
	return analyze.Run(ctx, []string{logs}, o)
}

func (q *Question) score(rep *rca.Report, out *Outcome) {
	names := q.Components
	if q.Translate != nil {
		names = q.Translate
	}
	out.Verdict, out.Got = rep.Verdict, string(rep.Verdict)
	out.Found = rep.Verdict == rca.RootCauseFound
	loud, early := naive(rep)
	out.Loudest, out.Earliest = is(loud, names), is(early, names)
	if len(rep.RootCauses) == 0 {
		return
	}
	top := rep.RootCauses[0]
	out.Answered, out.Right = true, is(top.Component, names)
	out.Grade, out.Basis, out.Why, out.Kind, out.Parts = top.Grade, top.Basis, top.Title, top.Category, top.Parts
	if top.Confidence != nil {
		out.Conf = *top.Confidence
	}
	out.Got = fmt.Sprintf("%s/%s, %s", top.Component, top.Category, top.Grade)
	if !out.Found {
		out.Got = string(rep.Verdict) + ": " + out.Got
		return
	}
	for i, h := range rep.RootCauses {
		ok := is(h.Component, names)
		out.First = out.First || ok && i == 0
		out.Three = out.Three || ok && i < 3
	}
	out.Lenient = out.First || is(top.Component, q.Weak)
	out.Category = slices.Contains(q.Categories, top.Category)
	for i, e := range top.Evidence {
		if i >= 8 || e.Role == "against" {
			continue
		}
		for _, re := range q.Evidence {
			out.Proved = out.Proved || re.MatchString(e.Text)
		}
	}
}

// naive gives the answers of the two simplest methods: the component with the most error lines that normal times lack, and
// the one that wrote the first such line.
func naive(rep *rca.Report) (loudest, earliest string) {
	count := map[string]int64{}
	first := rca.NoTime
	for _, s := range rep.Signals {
		if s.Kind != rca.SignalNew || s.Severity < rca.SeverityError {
			continue
		}
		if s.At != rca.NoTime && (first == rca.NoTime || s.At < first) {
			first, earliest = s.At, s.Component
		}
	}
	for _, d := range rep.Differences {
		if d.Severity >= rca.SeverityError && d.After > d.Before {
			count[d.Component] += d.After
		}
	}
	most := int64(0)
	for c, n := range count {
		if n > most || n == most && c < loudest {
			loudest, most = c, n
		}
	}
	return loudest, earliest
}

func writeFiles(dir string, files []File) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		var b []byte
		for _, l := range f.Lines {
			b = append(b, l...)
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}
