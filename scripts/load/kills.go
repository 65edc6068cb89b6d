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
	"time"
)

// kills ends the service with SIGKILL at random moments while files go up and jobs run, starts it again each time, and at the end
// wants all jobs done, all bytes as they were, and nothing twice.
func (s *service) kills(binary, dir string, n int) error {
	type done struct{ upload, job, hash string }
	var mu sync.Mutex
	var all []done
	stop := make(chan struct{})
	problem := make(chan error, 1)
	fail := func(err error) {
		select {
		case problem <- err:
		default:
		}
	}
	var wg sync.WaitGroup
	for worker := range 3 {
		wg.Go(func() {
			for round := 0; ; round++ {
				select {
				case <-stop:
					return
				default:
				}
				name := filepath.Join(dir, fmt.Sprintf("w%d-%d.log", worker, round))
				hash, err := writeLog(name, 40e6, worker*1000+round)
				if err != nil {
					fail(err)
					return
				}
				id := ""
				for id == "" { // what a person does: the same command again
					push := exec.Command(binary, "push", name, "--server", strings.TrimSuffix(s.base, "/api/v1"), "--only-upload")
					push.Env = append(os.Environ(), "RCA_API_KEY="+s.key, "XDG_CACHE_HOME="+dir)
					out, err := push.Output()
					if err == nil {
						id = strings.TrimSpace(string(out))
					} else {
						time.Sleep(100 * time.Millisecond)
					}
				}
				_ = os.Remove(name)
				job := ""
				for job == "" {
					b, err := s.post("/jobs", map[string]any{"job_type": "rca_analysis", "input_manifest": map[string]any{"uploads": []string{id}}, "max_attempts": 10, "idempotency_key": name})
					var j struct{ ID string }
					if err == nil && json.Unmarshal(b, &j) == nil {
						job = j.ID
					} else {
						if err != nil && strings.Contains(err.Error(), ": 4") { // refused, not lost
							fail(err)
							return
						}
						time.Sleep(100 * time.Millisecond)
					}
				}
				mu.Lock()
				all = append(all, done{id, job, hash})
				mu.Unlock()
			}
		})
	}
	r := rand.New(rand.NewPCG(7, 7))
	begin := time.Now()
	for range n {
		time.Sleep(time.Duration(300+r.IntN(2500)) * time.Millisecond)
		if err := s.cmd.Process.Kill(); err != nil {
			return err
		}
		_ = s.cmd.Wait() // it was killed
		if err := s.again(binary, dir); err != nil {
			return err
		}
	}
	close(stop)
	wg.Wait()
	select {
	case err := <-problem:
		return err
	default:
	}
	ended, wrong, attempts := 0, 0, 0
	for _, d := range all {
		j, err := s.await(d.job)
		if err != nil {
			return err
		}
		if j.Status == "succeeded" {
			ended++
		} else {
			fmt.Fprintf(os.Stderr, "load: job %s %s: %s: %s\n", d.job, j.Status, j.Error.Code, j.Error.Message)
		}
		got, err := s.hash("/uploads/content/" + d.upload)
		if err != nil {
			return err
		}
		if got != d.hash {
			wrong++
		}
		b, _, err := s.send(http.MethodGet, "/jobs/"+d.job+"/attempts", "", nil)
		if err != nil {
			return err
		}
		var list struct{ Items []struct{ State string } }
		if err := json.Unmarshal(b, &list); err != nil {
			return err
		}
		good := 0
		for _, a := range list.Items {
			attempts++
			if a.State == "succeeded" {
				good++
			}
		}
		if good != 1 {
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
	row(fmt.Sprintf("%d kills of the service in %.0f s, uploads of 40 MB and jobs running", n, took.Seconds()),
		"%d jobs, %d succeeded in %d attempts, %d with wrong bytes or not just one success; fsck: %s", len(all), ended, attempts, wrong, strings.TrimSpace(string(out)))
	if ended != len(all) || wrong > 0 || len(all) == 0 {
		return errors.New("a job was lost, done twice, or bytes differ")
	}
	return nil
}

// again starts the service as it was started first.
func (s *service) again(binary, dir string) error {
	cmd := exec.Command(binary, s.cmd.Args[1:]...)
	cmd.Env, cmd.Stderr = s.cmd.Env, nil
	if err := cmd.Start(); err != nil {
		return err
	}
	s.cmd = cmd
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
