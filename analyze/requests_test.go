package analyze_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
)

// parcelLogs writes what a test driver and three services say of some orders. The last one fails: the driver quotes the id of its
// request, and one service wrote calm lines in that request.
func parcelLogs(t *testing.T, dir string, fails bool) {
	t.Helper()
	var driver, desk, shelf, scale strings.Builder
	for i := range 40 {
		at := func(s int) string { return fmt.Sprintf("2026-11-24 01:%02d:%02d", i, s) }
		id := fmt.Sprintf("%08x-52aa-4f3f-9c5b-0d6a8e5a2f11", 0x3fa1c000+i*7)
		fmt.Fprintf(&driver, "%s INFO [drive.sh]: order %d is placed\n", at(1), i)
		fmt.Fprintf(&desk, "%s INFO desk.orders request_id=%s an order is taken\n", at(2), id)
		fmt.Fprintf(&shelf, "%s INFO shelf.stock all %d boxes are there\n", at(3), 200-i)
		fmt.Fprintf(&scale, "%s INFO scale.weigh weighed %d g\n", at(4), 100+i)
		if fails && i == 39 {
			fmt.Fprintf(&driver, "%s INFO [drive.sh]: FAILURE: the order was refused with 400 (Request-ID: %s)\n", at(5), id)
			continue
		}
		fmt.Fprintf(&driver, "%s INFO [drive.sh]: order %d is there\n", at(5), i)
	}
	for name, b := range map[string]*strings.Builder{"driver.log": &driver, "desk.log": &desk, "shelf.log": &shelf, "scale.log": &scale} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A client that tells of its failed request is not the cause of it: who worked on that request is asked first, as a mere lead.
func TestFailedRequestLeadsToItsServer(t *testing.T) {
	dir := t.TempDir()
	parcelLogs(t, filepath.Join(dir, "before"), false)
	parcelLogs(t, filepath.Join(dir, "now"), true)
	// The normal time is four times as long, so that one new error is not chance.
	for i := range 12 {
		parcelLogs(t, filepath.Join(dir, "before", fmt.Sprint(i)), false)
	}
	r, err := analyze.Run(context.Background(), []string{filepath.Join(dir, "now")}, analyze.Options{Baseline: []string{filepath.Join(dir, "before")}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != rca.RootCauseFound || r.RootCauses[0].Component != "desk" || r.RootCauses[0].Grade != rca.Possible {
		t.Fatalf("verdict %s, causes %v; want desk as possible", r.Verdict, causes(r))
	}
	var files []string
	for _, e := range r.RootCauses[0].Evidence {
		files = append(files, filepath.Base(e.File))
	}
	if got := strings.Join(files, " "); !strings.Contains(got, "desk.log") || !strings.Contains(got, "driver.log") {
		t.Errorf("evidence from %s; want the line of the request and the complaint", got)
	}
	if len(r.RootCauses) < 2 || r.RootCauses[1].Component != "driver" {
		t.Errorf("causes %v; the client is the other reading", causes(r))
	}
}

func causes(r *rca.Report) []string {
	var out []string
	for _, c := range r.RootCauses {
		out = append(out, c.Component+"/"+string(c.Category)+"/"+string(c.Grade))
	}
	return out
}
