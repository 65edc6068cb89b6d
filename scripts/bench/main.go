// Command bench measures the stages and the whole command, and prints both beside the figures recorded in
// docs/performance.md. It is started by make bench, in the root.
//
//	bench [-record] [-rounds 5] RCA FOLDER
//
// RCA is the binary, FOLDER a corpus of plain logs. -record writes the figures into the document.
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	document = "docs/performance.md"
	begins   = "<!-- make bench -->\n"
	ends     = "<!-- /make bench -->\n"
	head     = "| what | figure | unit | allocations |\n|---|---:|---|---:|\n"
)

type row struct {
	what   string
	figure float64
	unit   string
	allocs string
}

func main() {
	log.SetFlags(0)
	record := flag.Bool("record", false, "write the figures into "+document)
	rounds := flag.Int("rounds", 5, "runs of the command, of which the median counts")
	flag.Parse()
	if flag.NArg() != 2 {
		log.Fatal("bench [-record] [-rounds 5] RCA FOLDER")
	}
	doc, err := os.ReadFile(document)
	if err != nil {
		log.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(doc), begins)
	old, after, ok2 := strings.Cut(rest, ends)
	if !ok || !ok2 {
		log.Fatalf("%s has no table between %q and %q", document, begins, ends)
	}
	recorded := map[string]float64{}
	for _, l := range strings.Split(old, "\n") {
		if c := strings.Split(l, "|"); len(c) > 3 {
			if v, err := strconv.ParseFloat(strings.TrimSpace(c[2]), 64); err == nil {
				recorded[strings.TrimSpace(c[1])] = v
			}
		}
	}
	rows := append(stages(), command(flag.Arg(0), flag.Arg(1), *rounds)...)
	fmt.Printf("\nLoad of the machine: %s\n\n| what | now | recorded | ratio | unit | allocations |\n|---|---:|---:|---:|---|---:|\n", load())
	table := head
	for _, r := range rows {
		was, ratio := "–", "–"
		if v, ok := recorded[r.what]; ok && v > 0 {
			was, ratio = number(v), fmt.Sprintf("%.2f", r.figure/v)
		}
		fmt.Printf("| %s | %s | %s | %s | %s | %s |\n", r.what, number(r.figure), was, ratio, r.unit, r.allocs)
		table += fmt.Sprintf("| %s | %s | %s | %s |\n", r.what, number(r.figure), r.unit, r.allocs)
	}
	if *record {
		if err := os.WriteFile(document, []byte(before+begins+table+ends+after), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

func number(v float64) string {
	if v < 20 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

// stages runs the Go benchmarks of parse and mine.
func stages() []row {
	var rows []row
	for _, p := range []string{"parse", "mine"} {
		out, err := exec.Command("go", "test", "./internal/"+p, "-run", "^$", "-bench", ".", "-benchmem", "-cpu", "1").Output()
		if err != nil {
			log.Fatalf("benchmarks of %s: %v", p, err)
		}
		for _, l := range strings.Split(string(out), "\n") {
			f := strings.Fields(l)
			if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
				continue
			}
			r := row{what: p + ": " + strings.ReplaceAll(strings.TrimPrefix(f[0], "Benchmark"), "_", " "), unit: "ns/byte"}
			values := map[string]float64{}
			for i := 2; i+1 < len(f); i += 2 {
				values[f[i+1]], _ = strconv.ParseFloat(f[i], 64)
			}
			r.allocs = strconv.FormatFloat(values["allocs/op"], 'f', -1, 64)
			if r.figure = values["ns/byte"]; r.figure == 0 {
				r.figure, r.unit = values["ns/op"]/1e3, "µs"
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// command runs the whole program on kinds of input.
func command(rca, dir string, rounds int) []row {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		log.Fatalf("%s holds no corpus", dir)
	}
	slices.Sort(files)
	var all []byte
	packed, err := os.MkdirTemp(filepath.Dir(dir), "bench")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(packed) }()
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			log.Fatal(err)
		}
		all = append(all, b...)
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, _ = w.Write(b)
		_ = w.Close()
		if err := os.WriteFile(filepath.Join(packed, filepath.Base(f)+".gz"), z.Bytes(), 0o600); err != nil {
			log.Fatal(err)
		}
	}
	small := filepath.Join(filepath.Dir(packed), "small.log")
	if err := os.WriteFile(small, all[:10<<10], 0o600); err != nil {
		log.Fatal(err)
	}
	defer os.Remove(small)
	mb := float64(len(all)) / 1e6
	run := func(in []byte, env string, args ...string) (wall, cpu float64) {
		var walls, cpus []float64
		for range rounds + 1 {
			c := exec.Command(rca, append([]string{"analyze", "-o", os.DevNull}, args...)...)
			if c.Env = os.Environ(); env != "" {
				c.Env = append(c.Env, env)
			}
			if in != nil {
				c.Stdin = bytes.NewReader(in)
			}
			start := time.Now()
			if out, err := c.CombinedOutput(); err != nil {
				log.Fatalf("%v: %v\n%s", c.Args, err, out)
			}
			walls = append(walls, time.Since(start).Seconds())
			cpus = append(cpus, (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds())
		}
		walls, cpus = walls[1:], cpus[1:] // the first fills the caches
		slices.Sort(walls)
		slices.Sort(cpus)
		return walls[rounds/2], cpus[rounds/2]
	}
	var rows []row
	rate := func(what string, cpu float64) {
		rows = append(rows, row{"rca: " + what, mb / cpu, "MB per CPU second", ""})
	}
	wall, cpu := run(nil, "", dir)
	rate("folder", cpu)
	one, cpu := run(nil, "GOMAXPROCS=1", dir)
	rate("folder, one processor", cpu)
	rows = append(rows, row{"rca: second processor", one / wall, "times", ""})
	_, cpu = run(all, "", "-")
	rate("standard input", cpu)
	_, cpu = run(nil, "", packed)
	rate("gzip", cpu)
	wall, _ = run(nil, "", small)
	return append(rows, row{"rca: a file of 10 kB", wall * 1e3, "ms from start to exit", ""})
}
