// Command podlet runs pods as a kubelet does, without containers: it starts their processes, writes their output in the format of CRI,
// probes them by HTTP, holds them to a memory limit (a cgroup), kills and starts them again, and tells of it in its own log (klog) and
// as Events, one JSON object a line.
//
//	podlet -manifest FILE -logs DIR -events FILE
//
// SIGHUP reads the manifest again: pods that changed are replaced by new ones.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"time"

	"k8s.io/klog/v2"
)

type container struct {
	Deployment, Image string
	Command           []string
	Port, MemoryMB    int
	LivenessPath      string
}

type pod struct {
	container
	name, uid string
	cancel    context.CancelFunc
	gone      chan struct{}
}

var (
	logs, cgroups string
	namespace     string
	events        struct {
		sync.Mutex
		io.Writer
		n map[string]int
	}
)

func id(n int, letters string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	return string(b)
}

func start(c container) *pod {
	hex, short := "0123456789abcdef", "bcdfghjklmnpqrstvwxz2456789"
	p := &pod{container: c, name: c.Deployment + "-" + id(9, hex[2:]) + "-" + id(5, short), gone: make(chan struct{})}
	p.uid = id(8, hex) + "-" + id(4, hex) + "-4" + id(3, hex) + "-a" + id(3, hex) + "-" + id(12, hex)
	var ctx context.Context
	ctx, p.cancel = context.WithCancel(context.Background())
	go p.run(ctx)
	return p
}

func (p *pod) event(kind, reason, message string) {
	events.Lock()
	defer events.Unlock()
	key := p.name + reason + message
	events.n[key]++
	now := time.Now().UTC()
	line, _ := json.Marshal(map[string]any{
		"kind": "Event", "apiVersion": "v1", "metadata": map[string]any{"name": p.name + "." + id(16, "0123456789abcdef"), "namespace": namespace},
		"involvedObject": map[string]any{"kind": "Pod", "namespace": namespace, "name": p.name, "uid": p.uid, "fieldPath": "spec.containers{" + p.Deployment + "}"},
		"reason":         reason, "message": message, "source": map[string]any{"component": "kubelet", "host": "node-a"},
		"lastTimestamp": now.Format(time.RFC3339), "count": events.n[key], "type": kind,
	})
	fmt.Fprintln(events.Writer, string(line))
}

func (p *pod) run(ctx context.Context) {
	defer close(p.gone)
	ref := klog.KRef(namespace, p.name)
	klog.InfoS("SyncLoop ADD", "source", "file", "pods", []klog.ObjectRef{ref})
	p.event("Normal", "Scheduled", fmt.Sprintf("Successfully assigned %s/%s to node-a", namespace, p.name))
	backoff := 5 * time.Second
	for restart := 0; ; restart++ {
		p.event("Normal", "Started", "Started container "+p.Deployment)
		klog.InfoS("Container started", "pod", ref, "podUID", p.uid, "containerName", p.Deployment, "image", p.Image, "restartCount", restart)
		code, reason := p.once(ctx, restart)
		if ctx.Err() != nil {
			klog.InfoS("SyncLoop REMOVE", "source", "file", "pods", []klog.ObjectRef{ref})
			return
		}
		klog.InfoS("Container died", "pod", ref, "podUID", p.uid, "containerName", p.Deployment, "exitCode", code, "reason", reason)
		if restart > 0 {
			p.event("Warning", "BackOff", fmt.Sprintf("Back-off restarting failed container %s in pod %s_%s(%s)", p.Deployment, p.name, namespace, p.uid))
			klog.ErrorS(fmt.Errorf("failed to \"StartContainer\" for %q with CrashLoopBackOff: \"back-off %s restarting failed container=%s pod=%s_%s(%s)\"", p.Deployment, backoff, p.Deployment, p.name, namespace, p.uid),
				"Error syncing pod, skipping", "pod", ref, "podUID", p.uid)
			select {
			case <-time.After(backoff):
			case <-ctx.Done():
				return
			}
			backoff *= 2
		}
	}
}

// once lets the container run until it dies or is killed, and tells how that came.
func (p *pod) once(ctx context.Context, restart int) (int, string) {
	ref := klog.KRef(namespace, p.name)
	dir := filepath.Join(logs, namespace+"_"+p.name+"_"+p.uid, p.Deployment)
	os.MkdirAll(dir, 0o755)
	file, err := os.OpenFile(filepath.Join(dir, fmt.Sprint(restart)+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		klog.Fatal(err)
	}
	defer file.Close()
	cmd := exec.Command(p.Command[0], p.Command[1:]...)
	cgroup := ""
	if p.MemoryMB > 0 {
		cgroup = filepath.Join(cgroups, p.name)
		os.MkdirAll(cgroup, 0o755)
		defer os.Remove(cgroup)
		os.WriteFile(filepath.Join(cgroup, "memory.limit_in_bytes"), []byte(fmt.Sprint(p.MemoryMB<<20)), 0o644)
		cmd = exec.Command("sh", append([]string{"-c", `echo $$ >"$0/cgroup.procs"; exec "$@"`, cgroup}, p.Command...)...)
	}
	var mu sync.Mutex
	var copying sync.WaitGroup
	for stream, pipe := range map[string]func() (io.ReadCloser, error){"stdout": cmd.StdoutPipe, "stderr": cmd.StderrPipe} {
		r, err := pipe()
		if err != nil {
			klog.Fatal(err)
		}
		copying.Add(1)
		go func() {
			defer copying.Done()
			lines := bufio.NewReaderSize(r, 16384)
			for {
				line, err := lines.ReadString('\n')
				if line != "" {
					mu.Lock()
					fmt.Fprintf(file, "%s %s F %s\n", time.Now().UTC().Format(time.RFC3339Nano), stream, strings.TrimSuffix(line, "\n"))
					mu.Unlock()
				}
				if err != nil {
					return
				}
			}
		}()
	}
	if err := cmd.Start(); err != nil {
		klog.Fatal(err)
	}
	died := make(chan int, 1)
	go func() {
		copying.Wait()
		err := cmd.Wait()
		var exit *exec.ExitError
		code := 0
		if errors.As(err, &exit) {
			code = exit.ExitCode()
			if s, ok := exit.Sys().(syscall.WaitStatus); ok && s.Signaled() {
				code = 128 + int(s.Signal())
			}
		}
		died <- code
	}()
	kill := func() int {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case code := <-died:
			return code
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			return <-died
		}
	}
	probe := time.NewTicker(4 * time.Second)
	defer probe.Stop()
	failed := 0
	for {
		select {
		case <-ctx.Done():
			p.event("Normal", "Killing", "Stopping container "+p.Deployment)
			klog.InfoS("Killing container with a grace period", "pod", ref, "podUID", p.uid, "containerName", p.Deployment, "gracePeriod", 5)
			return kill(), ""
		case code := <-died:
			if cgroup != "" && code == 137 {
				control, _ := os.ReadFile(filepath.Join(cgroup, "memory.oom_control"))
				if !strings.Contains(string(control), "oom_kill 0") {
					p.event("Warning", "OOMKilling", fmt.Sprintf("Memory cgroup out of memory: killed process %d (%s), limit %dMi", cmd.Process.Pid, filepath.Base(p.Command[0]), p.MemoryMB))
					return code, "OOMKilled"
				}
			}
			return code, "Error"
		case <-probe.C:
			client := http.Client{Timeout: time.Second}
			output := ""
			resp, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d%s", p.Port, p.LivenessPath))
			if err != nil {
				output = err.Error()
			} else {
				resp.Body.Close()
				if resp.StatusCode >= 400 {
					output = fmt.Sprintf("HTTP probe failed with statuscode: %d", resp.StatusCode)
				}
			}
			if output == "" {
				failed = 0
				continue
			}
			failed++
			klog.InfoS("Probe failed", "probeType", "Liveness", "pod", ref, "podUID", p.uid, "containerName", p.Deployment, "probeResult", "failure", "output", output)
			p.event("Warning", "Unhealthy", "Liveness probe failed: "+output)
			if failed == 3 {
				message := fmt.Sprintf("Container %s failed liveness probe, will be restarted", p.Deployment)
				klog.InfoS("Message for Container of pod", "containerName", p.Deployment, "pod", ref, "containerMessage", message)
				p.event("Normal", "Killing", message)
				klog.InfoS("Killing container with a grace period", "pod", ref, "podUID", p.uid, "containerName", p.Deployment, "gracePeriod", 5)
				return kill(), "Error"
			}
		}
	}
}

func main() {
	manifest := flag.String("manifest", "", "the pods, in JSON")
	flag.StringVar(&logs, "logs", "", "where to write the output of containers")
	flag.StringVar(&cgroups, "cgroups", "/sys/fs/cgroup/memory", "where to make cgroups")
	flag.StringVar(&namespace, "namespace", "default", "namespace of the pods")
	file := flag.String("events", "", "where to write events")
	klog.InitFlags(nil)
	flag.Parse()
	out, err := os.OpenFile(*file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		klog.Fatal(err)
	}
	events.Writer, events.n = out, map[string]int{}
	pods := map[string]*pod{}
	read := func() {
		var want []container
		text, err := os.ReadFile(*manifest)
		if err == nil {
			err = json.Unmarshal(text, &want)
		}
		if err != nil {
			klog.ErrorS(err, "Could not read the manifest")
			return
		}
		for _, c := range want {
			if old := pods[c.Deployment]; old != nil {
				if reflect.DeepEqual(old.container, c) {
					continue
				}
				old.cancel()
				<-old.gone
			}
			pods[c.Deployment] = start(c)
		}
	}
	klog.InfoS("Started podlet", "node", "node-a")
	read()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM)
	go func() {
		for range time.Tick(15 * time.Second) {
			klog.InfoS("Failed to get node stats, retrying", "err", "container stats of the last period are not complete")
		}
	}()
	for s := range signals {
		if s == syscall.SIGTERM {
			for _, p := range pods {
				p.cancel()
			}
			for _, p := range pods {
				<-p.gone
			}
			return
		}
		read()
	}
}
