package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rca-engine/rca"
)

// bundleKind is a collection of logs that a known tool makes: how its paths look, and which of them matter.
type bundleKind struct {
	name   string
	within func(parts []string) int            // index of the first part below the bundle's root, -1 if the path is not of this kind
	log    func(parts []string) (string, bool) // of parts below the root: what the log belongs to ("" nothing in particular)
	note   string
}

var bundleKinds = []bundleKind{
	{"a must-gather of OpenShift", mustGather, func(p []string) (string, bool) {
		return at(p, 1), len(p) > 2 && p[0] == "namespaces" && slices.Contains(p, "logs")
	}, "pod logs lie in namespaces/NAMESPACE/pods; host_service_logs and audit_logs are of the nodes; the other files are manifests, a state and no events"},
	{"a dump of kubectl cluster-info", clusterInfo, func(p []string) (string, bool) {
		return at(p, 0), len(p) == 3 && p[2] == "logs.txt"
	}, "NAMESPACE/POD/logs.txt are the logs, events.json the events of the cluster; the other files are manifests, a state and no events"},
	{"a sosreport", sosreport, func(p []string) (string, bool) {
		return "", len(p) > 2 && p[0] == "var" && p[1] == "log" || len(p) > 2 && p[0] == "sos_commands" && p[1] == "logs"
	}, "var/log and sos_commands/logs hold the logs; the other files are settings and the output of commands, a state and no events"},
}

func at(p []string, i int) string {
	if i < len(p) {
		return p[i]
	}
	return ""
}

// parts splits a source's name at its folders; what precedes "!/" is a folder too.
func parts(name string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(strings.ReplaceAll(name, `\`, "/"), "!/", "/"), func(r rune) bool { return r == '/' })
}

func mustGather(p []string) int {
	for i, s := range p {
		if (s == "namespaces" && (at(p, i+2) == "pods" || at(p, i+2) == "core" || at(p, i+2) == "apps")) || s == "cluster-scoped-resources" || s == "host_service_logs" {
			return i
		}
	}
	return -1
}

func clusterInfo(p []string) int {
	n := len(p)
	switch {
	case n >= 3 && p[n-1] == "logs.txt":
		return n - 3
	case n >= 2 && slices.Contains([]string{"events.json", "pods.json", "replicasets.json", "daemonsets.json", "replication-controllers.json", "deployments.json"}, p[n-1]):
		return n - 2
	}
	return -1
}

func sosreport(p []string) int {
	for i, s := range p {
		if s == "sos_commands" || s == "sos_logs" || s == "sos_reports" {
			return i
		}
		if strings.HasPrefix(s, "sosreport-") && i+1 < len(p) {
			return i + 1
		}
	}
	return -1
}

// bundleNotes tells which of the inputs are a bundle, and which parts of it matter.
func bundleNotes(ins []*input) []rca.Warning {
	var out []rca.Warning
	for _, k := range bundleKinds {
		type found struct {
			files, logs int
			of          []string
		}
		roots := map[string]*found{}
		var order []string
		for _, in := range ins {
			p := parts(in.Name)
			i := k.within(p)
			if i < 0 {
				continue
			}
			root := rootOf(in.Name, len(p)-i)
			f := roots[root]
			if f == nil {
				f = &found{}
				roots[root] = f
				order = append(order, root)
			}
			f.files++
			if of, ok := k.log(p[i:]); ok {
				f.logs++
				if of != "" && !slices.Contains(f.of, of) {
					f.of = append(f.of, of)
				}
			}
		}
		for _, r := range order {
			f := roots[r]
			if f.logs == 0 || k.name == bundleKinds[1].name && f.files < 2 { // one logs.txt is no dump
				continue
			}
			text := fmt.Sprintf("this is %s: %d of its %d files are logs", k.name, f.logs, f.files)
			if len(f.of) > 0 {
				text += fmt.Sprintf(", of %d namespaces", len(f.of))
			}
			out = append(out, rca.Warning{Source: r, Text: text, Remedy: k.note})
		}
	}
	return out
}

// rootOf is a source's name without its last n parts.
func rootOf(name string, n int) string {
	for range n {
		name = strings.TrimRight(name, "/")
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return "."
		}
		name = name[:i]
	}
	return strings.TrimSuffix(strings.TrimRight(name, "/"), "!")
}

// bundleComponent names the component of a log that a container runtime or a bundle keeps, by the whole shape of its path;
// "" if the path has none of these shapes. A container's name goes before its pod's, unless it says nothing.
func bundleComponent(name string) string {
	p := parts(name)
	n := len(p)
	base := at(p, n-1)
	container := func(name, pod string) string {
		switch name {
		case "app", "main", "container", "application":
			return podOwner(pod)
		}
		return name
	}
	switch {
	case n >= 4 && p[n-4] == "pods" && strings.Count(p[n-3], "_") == 2: // pods/ns_pod_uid/container/0.log
		return container(p[n-2], strings.Split(p[n-3], "_")[1])
	case n >= 6 && p[n-2] == "logs" && p[n-6] == "pods": // namespaces/NS/pods/POD/CONTAINER/CONTAINER/logs/current.log
		return container(p[n-3], p[n-5])
	case n >= 3 && base == "logs.txt": // NS/POD/logs.txt
		return podOwner(p[n-2])
	case n >= 2 && p[n-2] == "containers" && strings.Count(base, "_") == 2: // containers/pod_ns_container-id.log
		s := strings.Split(base, "_")
		c := s[2]
		if i := strings.LastIndexByte(c, '-'); i > 0 {
			c = c[:i]
		}
		return container(c, s[0])
	case strings.Contains(base, "-json.log") && len(base) >= 64 && strings.Trim(base[:64], "0123456789abcdef") == "": // Docker's id, as it is shown
		return base[:12]
	case strings.HasPrefix(base, "journalctl_") || base == "journal.export" || base == "journalctl.txt":
		return "journal"
	}
	return ""
}
