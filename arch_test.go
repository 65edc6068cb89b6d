package rca_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/rca-engine/rca"

// floors says which packages of ours each package may import. Changing it is allowed; changing it unnoticed is not.
var floors = map[string]string{
	"":                  "",
	"internal/source":   "",
	"internal/heap":     "",
	"internal/llm":      "",
	"internal/explain":  ". internal/llm",
	"internal/expr":     "",
	"internal/blob":     "",
	"internal/fetch":    "",
	"internal/traces":   "",
	"internal/index":    ".",
	"internal/redact":   ".",
	"internal/parse":    ".",
	"internal/mine":     ".",
	"internal/detect":   ".",
	"internal/know":     ".",
	"internal/memory":   ".",
	"internal/rank":     ". internal/know internal/expr",
	"report":            ".",
	"client":            "",
	"analyze":           ". internal/source internal/parse internal/mine internal/detect internal/know internal/rank",
	"internal/exam":     ". analyze internal/know internal/expr internal/memory",
	"internal/store":    ".",
	"internal/auth":     "internal/store",
	"internal/incident": ". analyze internal/source internal/store internal/blob internal/index internal/traces",
	"internal/jobs":     "internal/incident internal/store internal/traces",

	"internal/server": ". report internal/fetch internal/traces internal/store internal/blob internal/index internal/auth internal/incident internal/jobs",

	"internal/store/storetest":   "internal/store",
	"internal/traces/tracestest": "",
	"internal/llm/llmtest":       "",

	"cmd/rca": ". client internal/memory internal/redact internal/llm internal/explain internal/fetch internal/traces internal/store internal/blob internal/auth internal/incident internal/jobs internal/server analyze report internal/exam internal/source internal/parse internal/know internal/mine internal/heap",
}

// The house has floors: no import goes upward or in a circle.
func TestImportsFollowTheFloors(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for dec.More() {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		allowed, ok := floors[name]
		if !ok {
			if strings.HasPrefix(name, "scripts/") || strings.HasPrefix(name, "report/internal") {
				continue
			}
			t.Errorf("package %q is not in the table: say in one sentence without \"and\" what it yields, then add it", name)
			continue
		}
		seen++
		may := map[string]bool{}
		for _, a := range strings.Fields(allowed) {
			may[a] = true
		}
		for _, i := range p.Imports {
			if i != module && !strings.HasPrefix(i, module+"/") {
				continue
			}
			short := strings.TrimPrefix(strings.TrimPrefix(i, module), "/")
			if short == "" {
				short = "."
			}
			if !may[short] {
				t.Errorf("%s imports %s, which the table does not allow", name, short)
			}
		}
	}
	if seen != len(floors) {
		t.Errorf("%d packages of the table were found, it has %d", seen, len(floors))
	}
}
