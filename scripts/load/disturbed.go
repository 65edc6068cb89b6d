package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// kills ends a process of the service with SIGKILL at random moments, starts it again each time, and looks at what is left.
func (s *service) kills(binary, dir string, n int) error {
	return s.disturbed(binary, dir, fmt.Sprintf("%d kills", n), func(r *rand.Rand) error {
		for range n {
			time.Sleep(time.Duration(300+r.IntN(2500)) * time.Millisecond)
			k := r.IntN(1 + len(s.hired))
			victim := s.cmd
			if k > 0 {
				victim = s.hired[k-1]
			}
			if err := victim.Process.Kill(); err != nil {
				return err
			}
			_ = victim.Wait() // it was killed
			next := exec.Command(binary, victim.Args[1:]...)
			next.Env = victim.Env
			if err := next.Start(); err != nil {
				return err
			}
			if k > 0 {
				s.hired[k-1] = next
				continue
			}
			s.cmd = next
			if err := s.answers(); err != nil {
				return err
			}
		}
		return nil
	})
}

// outages stops PostgreSQL or Redis at random moments and starts it again some seconds later. Meanwhile the API must answer, with 503
// where it cannot do without, and no process may end.
func (s *service) outages(binary, dir string, n int) error {
	odd := map[int]int{}
	err := s.disturbed(binary, dir, fmt.Sprintf("%d outages of PostgreSQL or Redis", n), func(r *rand.Rand) error {
		for i := range n {
			part := []string{"postgres", "redis"}[i%2]
			time.Sleep(time.Duration(1000+r.IntN(3000)) * time.Millisecond)
			if err := turn(part, "stop"); err != nil {
				return err
			}
			until := time.Now().Add(time.Duration(1000+r.IntN(6000)) * time.Millisecond)
			for time.Now().Before(until) {
				req, err := http.NewRequest(http.MethodGet, s.base+"/jobs?limit=5", nil)
				if err != nil {
					return err
				}
				req.Header.Set("Authorization", "Bearer "+s.key)
				resp, err := (&http.Client{Timeout: 15 * time.Second}).Do(req)
				if err != nil {
					return fmt.Errorf("no answer while %s is away: %w", part, err)
				}
				resp.Body.Close()
				odd[resp.StatusCode]++
				time.Sleep(50 * time.Millisecond)
			}
			if err := turn(part, "start"); err != nil {
				return err
			}
		}
		for _, cmd := range append([]*exec.Cmd{s.cmd}, s.hired...) {
			if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
				return fmt.Errorf("%s ended: %w", cmd.Args[1], err)
			}
		}
		return nil
	})
	row("answers meanwhile, by status", "%v", odd)
	for status := range odd {
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			err = errors.Join(err, fmt.Errorf("%d answers %d", odd[status], status))
		}
	}
	return err
}

func turn(part, how string) error {
	out, err := exec.Command(*switcher, part, how).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", part, how, err, out)
	}
	return nil
}

// done is an upload and a job on it.
type done struct{ upload, job, hash string }

// disturbed makes files go up and jobs run while something is done to the service, and at the end wants all jobs done, all bytes as they
// were, and nothing twice.
func (s *service) disturbed(binary, dir, what string, disturb func(*rand.Rand) error) error {
	var mu sync.Mutex
	var all []done
	stop := make(chan struct{})
	problem := make(chan error, 1)
	var wg sync.WaitGroup
	for worker := range 3 {
		wg.Go(func() {
			for round := 0; ; round++ {
				select {
				case <-stop:
					return
				default:
				}
				d, err := s.pushed(binary, dir, worker*1000+round)
				if err != nil {
					select {
					case problem <- err:
					default:
					}
					return
				}
				mu.Lock()
				all = append(all, d)
				mu.Unlock()
			}
		})
	}
	begin := time.Now()
	err := disturb(rand.New(rand.NewPCG(7, 7)))
	if err != nil {
		return err
	}
	close(stop)
	wg.Wait()
	select {
	case err := <-problem:
		return err
	default:
	}
	succeeded, attempts, wrong := 0, 0, 0
	for _, d := range all {
		ok, n, err := s.judge(d)
		if err != nil {
			return err
		}
		attempts += n
		if ok {
			succeeded++
		} else {
			wrong++
		}
	}
	took := time.Since(begin)
	s.stop()
	fsck := exec.Command(binary, "fsck")
	fsck.Env = s.cmd.Env
	out, err := fsck.CombinedOutput()
	if err != nil {
		return fmt.Errorf("fsck: %w: %s", err, out)
	}
	row(fmt.Sprintf("%s in %.0f s, uploads of 40 MB and jobs running", what, took.Seconds()),
		"%d jobs, %d succeeded in %d attempts, %d failed, with wrong bytes or not just one success; fsck: %s", len(all), succeeded, attempts, wrong, strings.TrimSpace(string(out)))
	if wrong > 0 || len(all) == 0 {
		return errors.New("a job was lost, done twice, or bytes differ")
	}
	return nil
}

// pushed uploads a log and starts a job on it, as a person does: the same command again until it goes through.
func (s *service) pushed(binary, dir string, seed int) (d done, err error) {
	name := filepath.Join(dir, fmt.Sprintf("%d.log", seed))
	defer func() { _ = os.Remove(name) }()
	if d.hash, err = writeLog(name, 40e6, seed); err != nil {
		return d, err
	}
	for d.upload == "" {
		push := exec.Command(binary, "push", name, "--server", strings.TrimSuffix(s.base, "/api/v1"), "--only-upload")
		push.Env = append(os.Environ(), "RCA_API_KEY="+s.key, "XDG_CACHE_HOME="+dir)
		if out, err := push.Output(); err == nil {
			d.upload = strings.TrimSpace(string(out))
		} else {
			time.Sleep(100 * time.Millisecond)
		}
	}
	for d.job == "" {
		b, err := s.post("/jobs", map[string]any{"job_type": "rca_analysis", "input_manifest": map[string]any{"uploads": []string{d.upload}}, "max_attempts": 10, "idempotency_key": name})
		var j struct{ ID string }
		switch {
		case err == nil && json.Unmarshal(b, &j) == nil:
			d.job = j.ID
		case err != nil && strings.Contains(err.Error(), ": 4"): // refused, not lost
			return d, err
		default:
			time.Sleep(100 * time.Millisecond)
		}
	}
	return d, nil
}

// judge waits for a job and tells whether it succeeded just once and the bytes of its upload are those that were given.
func (s *service) judge(d done) (ok bool, attempts int, err error) {
	j, err := s.await(d.job)
	if err != nil {
		return false, 0, err
	}
	if j.Status != "succeeded" {
		fmt.Fprintf(os.Stderr, "load: job %s %s: %s: %s\n", d.job, j.Status, j.Error.Code, j.Error.Message)
	}
	hash, err := s.hash("/uploads/content/" + d.upload)
	if err != nil {
		return false, 0, err
	}
	b, _, err := s.send(http.MethodGet, "/jobs/"+d.job+"/attempts", "", nil)
	if err != nil {
		return false, 0, err
	}
	var list struct{ Items []struct{ State string } }
	if err := json.Unmarshal(b, &list); err != nil {
		return false, 0, err
	}
	good := 0
	for _, a := range list.Items {
		if a.State == "succeeded" {
			good++
		}
	}
	return j.Status == "succeeded" && hash == d.hash && good == 1, len(list.Items), nil
}

// answers waits until the API is there again.
func (s *service) answers() error {
	for range 300 {
		if resp, err := http.Get(s.base + "/auth/me"); err == nil {
			resp.Body.Close()
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the service did not come back")
}

// hash is that of what a path answers with.
func (s *service) hash(path string) (string, error) {
	req, err := http.NewRequest(http.MethodGet, s.base+path, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	resp, err := s.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	h := sha256.New()
	if _, err := io.Copy(h, resp.Body); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// writeLog writes a log of so many bytes that differs by seed, and gives its hash.
func writeLog(name string, size int64, seed int) (string, error) {
	f, err := os.Create(name)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(f, h), 1<<20)
	c := &counted{w: w}
	for i := seed * 100_000; c.n < size; i++ {
		logLine(c, i)
	}
	err = errors.Join(w.Flush(), f.Close())
	return hex.EncodeToString(h.Sum(nil)), err
}

type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
