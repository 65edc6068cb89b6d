package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if os.Getenv("RCA_TEST_AS_PROGRAM") != "" {
		main()
		return
	}
	testscript.Main(m, map[string]func(){"rca": main})
}

// Each testdata/*.txtar is a shell session: a command with what it must print, and the files that it reads. "status 2 rca …"
// runs rca and wants that exit status.
func TestScripts(t *testing.T) {
	incidents, err := filepath.Abs("../../testdata/incidents")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: os.Getenv("UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("INCIDENTS", incidents)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": wantStatus, "harmless": harmless, "lines": countLines},
	})
}
