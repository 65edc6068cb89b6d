// Command load starts the service on this machine and measures it: uploads, many jobs at once, reads by an open loop.
//
//	go run ./scripts/load [-database postgres://…] [-workers N] bin/rca
//	go run ./scripts/load -kills 50 bin/rca
//	go run ./scripts/load -database postgres://… -outages 10 -switch COMMAND bin/rca
//
// It prints one Markdown row for each thing it measured. What it starts and writes is gone afterwards.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var (
	database = flag.String("database", "", "URL of a PostgreSQL database that is empty; default SQLite")
	uploadMB = flag.Int64("upload-mb", 1000, "size of the large upload")
	jobs     = flag.Int("jobs", 100, "jobs at once")
	rate     = flag.Int("rate", 200, "reads in a second")
	reading  = flag.Duration("reads", 20*time.Second, "how long reads last")
	clients  = flag.Int("clients", 100, "connections that read")
	workers  = flag.Int("workers", 0, "processes of rca worker beside an API that works on no jobs; 0: one process does all")
	slots    = flag.Int("slots", 2, "jobs at once of each process")
	only     = flag.String("only", "uploads,jobs,reads,beside", "what to measure")
	killed   = flag.Int("kills", 0, "instead: end a process so often with SIGKILL while all work, and look at what is left")
	outages  = flag.Int("outages", 0, "instead: stop and start PostgreSQL and Redis so often while all work, and look at what is left")
	switcher = flag.String("switch", "", "command that, with \"postgres stop\" and such behind it, does so")
)

func main() {
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: load [flags] BINARY")
		os.Exit(2)
	}
	if err := run(flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(binary string) error {
	dir, err := os.MkdirTemp("", "rca-load-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := start(binary, dir)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.hire(binary); err != nil {
		return err
	}
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Printf("Database: %s, %s. Load before: %s\n\n| what | figure |\n|---|---|\n", kind(), processes(), strings.TrimSpace(string(load)))
	switch {
	case *killed > 0:
		return s.kills(binary, dir, *killed)
	case *outages > 0:
		return s.outages(binary, dir, *outages)
	}
	for what := range strings.SplitSeq(*only, ",") {
		var err error
		switch what {
		case "uploads":
			err = s.upload(dir)
		case "jobs":
			err = s.manyJobs()
		case "reads":
			err = s.reads("reads", nil)
		case "beside":
			err = s.reads("reads beside a job of 1 GB", s.bigJob)
		default:
			err = errors.New("uploads, jobs, reads and beside can be measured")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

func processes() string {
	if *workers == 0 {
		return "one process"
	}
	return fmt.Sprintf("one process of the API, %d of workers", *workers)
}

func kind() string {
	if *database == "" {
		return "SQLite"
	}
	return "PostgreSQL"
}

func row(what, format string, args ...any) {
	fmt.Printf("| %s | %s |\n", what, fmt.Sprintf(format, args...))
}

// service is a running rca serve with a key to it.
type service struct {
	cmd    *exec.Cmd
	hired  []*exec.Cmd // processes of rca worker
	base   string
	key    string
	client *http.Client
	large  string // id of the large upload
	job    string // of a finished job
}

func start(binary, dir string) (*service, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	s := &service{base: "http://" + address + "/api/v1", client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}}
	own := *slots
	if *workers > 0 {
		own = 0
	}
	s.cmd = exec.Command(binary, "serve", "--listen", address, "--workers", strconv.Itoa(own))
	s.cmd.Env = append(os.Environ(), "RCA_DATA="+filepath.Join(dir, "data"), "RCA_HTTP_OPS=", "RCA_LIMITS_KEYS=1000000/1m", "RCA_LIMITS_USERS=1000000/1m", "RCA_JOBS_PER_USER=2")
	if *database != "" {
		s.cmd.Env = append(s.cmd.Env, "RCA_DATABASE_URL="+*database)
	}
	out, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	link := make(chan string, 1)
	go func() {
		found := regexp.MustCompile(`"link": "([^"]+)"`)
		in := bufio.NewScanner(out)
		for in.Scan() {
			if m := found.FindStringSubmatch(in.Text()); m != nil {
				link <- m[1]
			}
		}
	}()
	var secret string
	select {
	case secret = <-link:
	case <-time.After(30 * time.Second):
		s.stop()
		return nil, errors.New("the service did not print its setup link: is the database empty?")
	}
	const password = "wren-over-heather-7"
	if _, err := s.post("/auth/setup", map[string]string{"link": secret, "username": "admin", "password": password}); err != nil {
		return nil, err
	}
	var token struct {
		Access string `json:"access_token"`
	}
	resp, err := http.PostForm(s.base+"/auth/token", url.Values{"grant_type": {"password"}, "username": {"admin"}, "password": {password}})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&token); err != nil {
		return nil, err
	}
	s.key = token.Access
	b, err := s.post("/keys", map[string]any{"name": "load", "scopes": []string{"uploads:write", "jobs:read", "jobs:write"}})
	if err != nil {
		return nil, err
	}
	var key struct{ Secret string }
	err = json.Unmarshal(b, &key)
	s.key = key.Secret
	return s, err
}

// hire starts the processes of rca worker.
func (s *service) hire(binary string) error {
	for range *workers {
		cmd := exec.Command(binary, "worker", "--workers", strconv.Itoa(*slots))
		cmd.Env = s.cmd.Env
		if err := cmd.Start(); err != nil {
			return err
		}
		s.hired = append(s.hired, cmd)
	}
	return nil
}

func (s *service) stop() {
	for _, cmd := range append(s.hired, s.cmd) {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
	s.hired = nil
}

func (s *service) send(method, path, contentType string, body io.Reader) ([]byte, http.Header, error) {
	req, err := http.NewRequest(method, s.base+path, body)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, b)
	}
	return b, resp.Header, err
}

func (s *service) post(path string, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	b, _, err := s.send(http.MethodPost, path, "application/json", bytes.NewReader(body))
	return b, err
}

// usage is the service's processor time in seconds, its memory now and the most it was, in MB.
func (s *service) usage() (cpu, now, most float64) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	f := strings.Fields(string(b[max(0, bytes.LastIndexByte(b, ')')):]))
	if len(f) > 13 {
		u, _ := strconv.ParseFloat(f[12], 64)
		k, _ := strconv.ParseFloat(f[13], 64)
		cpu = (u + k) / 100
	}
	b, _ = os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			now, _ = strconv.ParseFloat(strings.Fields(v)[0], 64)
		}
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			most, _ = strconv.ParseFloat(strings.Fields(v)[0], 64)
		}
	}
	return cpu, now / 1024, most / 1024
}

// forget makes the most memory what it is now.
func (s *service) forget() (now float64, err error) {
	_, now, _ = s.usage()
	return now, os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.cmd.Process.Pid), []byte("5"), 0)
}

// logLine writes the lines of a made-up service.
func logLine(w io.Writer, i int) {
	level, text := "INFO", "order is packed"
	if i%997 == 0 {
		level, text = "ERROR", "dial tcp 10.0.0.7:5432: connect: connection refused"
	}
	fmt.Fprintf(w, "2026-11-24T%02d:%02d:%02d.%03dZ %s desk order=%d took=%dms %s\n", i/360000%24, i/6000%60, i/100%60, i%100*10, level, i, i%91, text)
}

// upload measures a large upload by form and by tus beside plain writing to the same disk, and a small one.
func (s *service) upload(dir string) error {
	name := filepath.Join(dir, "large.log")
	if _, err := writeLog(name, *uploadMB*1e6, 0); err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	mb := float64(info.Size()) / 1e6
	t := time.Now()
	if out, err := exec.Command("dd", "if="+name, "of="+name+".copy", "bs=1M", "conv=fsync").CombinedOutput(); err != nil {
		return fmt.Errorf("dd: %w: %s", err, out)
	}
	os.Remove(name + ".copy")
	row("dd of the same file, with fsync", "%.0f MB/s", mb/time.Since(t).Seconds())

	idle, err := s.forget()
	if err != nil {
		return err
	}
	t = time.Now()
	r, form := io.Pipe()
	m := multipart.NewWriter(form)
	go func() {
		part, err := m.CreateFormFile("file", "large.log")
		if err == nil {
			var in *os.File
			if in, err = os.Open(name); err == nil {
				_, err = io.Copy(part, in)
				in.Close()
			}
		}
		form.CloseWithError(errors.Join(err, m.Close()))
	}()
	b, _, err := s.send(http.MethodPost, "/uploads", m.FormDataContentType(), r)
	if err != nil {
		return err
	}
	var list struct{ Items []struct{ ID string } }
	if err := json.Unmarshal(b, &list); err != nil || len(list.Items) != 1 {
		return fmt.Errorf("no upload in %s: %w", b, err)
	}
	s.large = list.Items[0].ID
	_, _, most := s.usage()
	row(fmt.Sprintf("%.0f MB by form", mb), "%.0f MB/s; %.0f MB of memory, %.0f more than idle", mb/time.Since(t).Seconds(), most, most-idle)

	if idle, err = s.forget(); err != nil {
		return err
	}
	t = time.Now()
	push := exec.Command(s.cmd.Path, "push", name, "--server", strings.TrimSuffix(s.base, "/api/v1"), "--only-upload")
	push.Env = append(os.Environ(), "RCA_API_KEY="+s.key, "XDG_CACHE_HOME="+dir)
	if out, err := push.CombinedOutput(); err != nil {
		return fmt.Errorf("push: %w: %s", err, out)
	}
	_, _, most = s.usage()
	row(fmt.Sprintf("%.0f MB by tus, rca push", mb), "%.0f MB/s; %.0f MB of memory, %.0f more than idle", mb/time.Since(t).Seconds(), most, most-idle)

	t = time.Now()
	if _, err := s.small("ten.log", 10e6, 1); err != nil {
		return err
	}
	row("10 MB by form", "%.2f s", time.Since(t).Seconds())
	return nil
}

// small uploads a log of so many bytes that differs by seed.
func (s *service) small(name string, size, seed int) (string, error) {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("file", name)
	if err != nil {
		return "", err
	}
	for i := seed * 1000; body.Len() < size; i++ {
		logLine(part, i)
	}
	if err := m.Close(); err != nil {
		return "", err
	}
	b, _, err := s.send(http.MethodPost, "/uploads", m.FormDataContentType(), &body)
	if err != nil {
		return "", err
	}
	var list struct{ Items []struct{ ID string } }
	err = json.Unmarshal(b, &list)
	if err == nil && len(list.Items) == 0 {
		err = fmt.Errorf("no upload in %s", b)
	}
	if err != nil {
		return "", err
	}
	return list.Items[0].ID, nil
}

type job struct {
	ID, Status string
	Finished   time.Time `json:"finished_at"`
	Error      struct{ Code, Message string }
}

func (s *service) begin(upload string) (string, error) {
	b, err := s.post("/jobs", map[string]any{"job_type": "rca_analysis", "input_manifest": map[string]any{"uploads": []string{upload}}})
	if err != nil {
		return "", err
	}
	var j job
	return j.ID, json.Unmarshal(b, &j)
}

func (s *service) await(id string) (j job, err error) {
	for {
		b, _, err := s.send(http.MethodGet, "/jobs/"+id, "", nil)
		if err != nil {
			return j, err
		}
		if err := json.Unmarshal(b, &j); err != nil {
			return j, err
		}
		if j.Status != "queued" && j.Status != "running" {
			return j, nil
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// manyJobs starts jobs of 1 MB at once, and beside them one on the large upload if there is one.
func (s *service) manyJobs() error {
	var ids []string
	for i := range *jobs {
		up, err := s.small(fmt.Sprintf("job-%d.log", i), 1e6, i)
		if err != nil {
			return err
		}
		ids = append(ids, up)
	}
	t := time.Now()
	big := ""
	if s.large != "" {
		var err error
		if big, err = s.begin(s.large); err != nil {
			return err
		}
	}
	for i, up := range ids {
		id, err := s.begin(up)
		if err != nil {
			return err
		}
		ids[i] = id
	}
	failed := 0
	var last time.Duration
	for _, id := range ids {
		j, err := s.await(id)
		if err != nil {
			return err
		}
		if j.Status != "succeeded" {
			failed++
		}
		last = max(last, j.Finished.Sub(t))
		s.job = id
	}
	if big == "" {
		row(fmt.Sprintf("%d jobs of 1 MB at once", *jobs), "%d failed; %.1f jobs/s", failed, float64(*jobs)/last.Seconds())
		return nil
	}
	j, err := s.await(big)
	if err != nil {
		return err
	}
	row(fmt.Sprintf("%d jobs of 1 MB at once, one of %d MB beside them", *jobs, *uploadMB), "%d failed; the last small one after %.1f s, the large one %s after %.1f s", failed, last.Seconds(), j.Status, j.Finished.Sub(t).Seconds())
	return nil
}

// bigJob starts a job on the large upload and gives what waits for it.
func (s *service) bigJob() error {
	_, err := s.begin(s.large)
	return err
}

// reads asks for what people look at, at a fixed rate whatever the answers take, and tells the time that they took.
func (s *service) reads(what string, beside func() error) error {
	if beside != nil {
		if err := beside(); err != nil {
			return err
		}
	}
	paths := []string{"/jobs?limit=20", "/jobs/" + s.job, "/jobs/" + s.job + "/report", "/jobs/" + s.job + "/signals", "/uploads?limit=20", "/auth/me"}
	n := int(reading.Seconds() * float64(*rate))
	took := make([]time.Duration, n)
	var failed atomic.Int64
	work := make(chan int, n)
	begin := time.Now()
	cpu, _, _ := s.usage()
	var wg sync.WaitGroup
	for range *clients {
		wg.Go(func() {
			for i := range work {
				due := begin.Add(time.Duration(i) * time.Second / time.Duration(*rate))
				if _, _, err := s.send(http.MethodGet, paths[i%len(paths)], "", nil); err != nil {
					failed.Add(1)
				}
				took[i] = time.Since(due) // waiting for a free connection counts
			}
		})
	}
	for i := range n {
		time.Sleep(time.Until(begin.Add(time.Duration(i) * time.Second / time.Duration(*rate))))
		work <- i
	}
	close(work)
	wg.Wait()
	after, _, _ := s.usage()
	slices.Sort(took)
	row(fmt.Sprintf("%s: %d clients, %d a second", what, *clients, *rate), "p50 %.1f ms, p99 %.1f ms, %.2f ms of CPU each, %d of %d failed",
		ms(took[n/2]), ms(took[n*99/100]), 1000*(after-cpu)/float64(n), failed.Load(), n)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
