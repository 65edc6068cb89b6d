package know_test

import (
	"testing"

	"github.com/rca-engine/rca/internal/know"
)

// Every entry carries lines that it must match and fields that a reader needs.
func TestBuiltinEntries(t *testing.T) {
	l, err := know.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range l.Check() {
		t.Error(err)
	}
	if len(l.Entries) == 0 {
		t.Fatal("no entries")
	}
}
