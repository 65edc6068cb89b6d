package analyze

import (
	"strings"
	"testing"

	"github.com/rca-engine/rca"
)

func TestComponentOf(t *testing.T) {
	id := strings.Repeat("0f3a9c1d", 8)
	for name, want := range map[string]string{
		"/var/log/pods/shop_api-7f9c4d8b6d-x2x9z_0b1e9c5e-2f63-4f35-8a5e-2b8c6d0f7a11/api/0.log":                 "api",
		"/var/log/pods/shop_api-7f9c4d8b6d-x2x9z_0b1e9c5e-2f63-4f35-8a5e-2b8c6d0f7a11/istio-proxy/3.log.gz":      "istio-proxy",
		"/var/log/pods/shop_api-7f9c4d8b6d-x2x9z_0b1e9c5e-2f63-4f35-8a5e-2b8c6d0f7a11/app/0.log":                 "api",
		"/var/log/pods/shop_api-7f9c4d8b6d-x2x9z_0b1e9c5e-2f63-4f35-8a5e-2b8c6d0f7a11/api/0.log.20261122-221102": "api",
		"/var/log/containers/api-7f9c4d8b6d-x2x9z_shop_api-" + id + ".log":                                       "api",
		"mg/quay-io/namespaces/shop/pods/cart-5d8f7b9c4d-zx9kq/cart/cart/logs/current.log":                       "cart",
		"mg.tar.gz!/mg/namespaces/shop/pods/cart-5d8f7b9c4d-zx9kq/cart/cart/logs/previous.log":                   "cart",
		"dump/shop/billing-6c9d7f5b8d-q4w7t/logs.txt":                                                            "billing",
		"dump.tgz!/dump/kube-system/etcd-node1/logs.txt":                                                         "etcd-node1",
		"sosreport-db1-2026-11-22-abcdefg/var/log/messages":                                                      "messages",
		"sosreport-db1.tar.xz!/sosreport-db1/var/log/mariadb/mariadb.log":                                        "mariadb",
		"sosreport-db1/sos_commands/logs/journalctl_--no-pager_--boot":                                           "journal",
		"/var/lib/docker/containers/" + id + "/" + id + "-json.log":                                              id[:12],
		"/var/lib/docker/containers/" + id + "/" + id + "-json.log.1":                                            id[:12],
		"journal.export":           "journal",
		"-":                        "stdin",
		"app.log":                  "app",
		"logs/app-20261122.log.gz": "app",
		"nginx/access.log":         "access",
		`C:\logs\api\current.log`:  "api",
	} {
		if got := componentOf(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestBundleNotes(t *testing.T) {
	f := func(want string, names ...string) {
		t.Helper()
		var ins []*input
		for _, n := range names {
			ins = append(ins, &input{Input: rca.Input{Name: n}})
		}
		var got []string
		for _, w := range bundleNotes(ins) {
			got = append(got, w.Source+": "+w.Text)
			if w.Remedy == "" {
				t.Errorf("%s: nothing says which parts matter", w.Source)
			}
		}
		if g := strings.Join(got, "; "); g != want {
			t.Errorf("%v:\n got %q\nwant %q", names, g, want)
		}
	}
	f("mg/quay: this is a must-gather of OpenShift: 2 of its 4 files are logs, of 2 namespaces",
		"mg/quay/namespaces/shop/pods/cart-1/cart/cart/logs/current.log", "mg/quay/namespaces/ns2/pods/x-1/x/x/logs/current.log",
		"mg/quay/cluster-scoped-resources/core/nodes/n1.yaml", "mg/quay/namespaces/shop/core/events.yaml")
	f("mg.tar.gz: this is a must-gather of OpenShift: 1 of its 1 files are logs, of 1 namespaces", "mg.tar.gz!/namespaces/shop/pods/cart-1/cart/cart/logs/current.log")
	f("dump: this is a dump of kubectl cluster-info: 2 of its 4 files are logs, of 2 namespaces",
		"dump/shop/api-1/logs.txt", "dump/kube-system/etcd-1/logs.txt", "dump/shop/events.json", "dump/shop/pods.json")
	f("sosreport-db1: this is a sosreport: 2 of its 3 files are logs", "sosreport-db1/var/log/messages", "sosreport-db1/sos_commands/logs/journalctl_--no-pager", "sosreport-db1/etc/hosts")
	f("", "app.log", "logs/api.log", "a/b/logs.txt", "var/log/messages", "pods/x.log")
}
