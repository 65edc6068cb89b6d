package analyze_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rca-engine/rca/analyze"
)

// Logs of several programs written one after another into one file are each read as what they are, wherever blocks are cut.
func TestTurns(t *testing.T) {
	var b strings.Builder
	at := func(i int) string { return fmt.Sprintf("2026-11-24T%02d:%02d:%02d", i/3600%24, i/60%60, i%60) }
	for i := range 3000 {
		fmt.Fprintf(&b, "ts=%sZ level=info msg=\"shelf %d is counted\" service=shelf boxes=%d\n", at(i), i%40, i%200)
	}
	for i := range 3000 {
		fmt.Fprintf(&b, "{\"time\":\"%sZ\",\"level\":\"INFO\",\"msg\":\"order is packed\",\"service\":\"desk\",\"order\":%d}\n", at(i), i)
	}
	for i := range 3000 {
		fmt.Fprintf(&b, "%s WARN [scale-%d] shop.scale.Reader - the scale drifts by %d g\n", strings.Replace(at(i), "T", " ", 1), i%4, i%9)
	}
	file := filepath.Join(t.TempDir(), "all.log")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	var first []byte
	for _, size := range []int{512 << 10, 3 << 10, 70 << 10} {
		restore := analyze.SetBlockSize(size)
		r, err := analyze.Run(context.Background(), []string{file}, analyze.Options{})
		restore()
		if err != nil {
			t.Fatal(err)
		}
		in := r.Made.Inputs[0]
		if in.Records < 8900 || in.Parsed < in.Records*9/10 || len(in.Notes) != 2 {
			t.Errorf("block size %d: %d of %d records understood, notes %q", size, in.Parsed, in.Records, in.Notes)
		}
		got, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		} else if !bytes.Equal(first, got) {
			t.Errorf("block size %d gives another report", size)
		}
	}
}
