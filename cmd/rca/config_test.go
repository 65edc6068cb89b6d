package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// What is over what: defaults, file, environment.
func TestConfigOrder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rca.yml")
	if err := os.WriteFile(file, []byte("http:\n  listen: 0.0.0.0:80\n  trusted_proxies: [10.0.0.1, 10.1.0.0/16]\njobs:\n  workers: 0\n  memory: 3GB\nretention:\n  jobs: 30d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(secret, []byte("postgres://rca:wren@db/rca\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(file, []string{"HOME=/root", "RCA_HTTP_LISTEN=127.0.0.1:9000", "RCA_DATABASE_URL_FILE=" + secret, "RCA_HTTP_CORS_ORIGINS=https://a.example, https://b.example", "RCA_UPLOADS_MAX=512MB"})
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTP.Listen != "127.0.0.1:9000" || len(c.HTTP.TrustedProxies) != 2 || c.Jobs.Workers != 0 || c.Jobs.Memory != 3<<30 || c.Retention.Jobs.String() != "30d" ||
		c.databaseURL() != "postgres://rca:wren@db/rca" || !reflect.DeepEqual(c.HTTP.CORSOrigins, []string{"https://a.example", "https://b.example"}) || c.Uploads.Max != 512<<20 || c.Data != "rca-data" {
		t.Errorf("got %+v", c)
	}
	text, err := c.masked()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("wren")) || !bytes.Contains(text, []byte("***")) {
		t.Errorf("the secret is not masked:\n%s", text)
	}
	if c.Database.URL != "postgres://rca:wren@db/rca" {
		t.Error("masking changed the configuration itself")
	}
}

// Bad configurations are refused with the name of the key or the line.
func TestConfigRefused(t *testing.T) {
	for name, c := range map[string]struct{ yaml, env, want string }{
		"unknown key":         {"http:\n  listne: x\n", "", "listne"},
		"unknown environment": {"", "RCA_HTTP_LISTNE=x", "RCA_HTTP_LISTNE"},
		"no time":             {"jobs:\n  grace: soon\n", "", "soon"},
		"negative time":       {"jobs:\n  grace: -5s\n", "", "jobs.grace"},
		"no size":             {"uploads:\n  max: much\n", "", "much"},
		"size past the end":   {"uploads:\n  max: 99999999999TB\n", "", "99999999999TB"},
		"no number":           {"", "RCA_JOBS_WORKERS=two", "RCA_JOBS_WORKERS"},
		"no rate":             {"limits:\n  users: often\n", "", "often"},
		"half of TLS":         {"http:\n  tls_cert: a.pem\n", "", "http.tls_key"},
		"little memory":       {"jobs:\n  memory: 1MB\n", "", "jobs.memory"},
		"allowed host":        {"uploads:\n  url_hosts: ['*']\n", "", "uploads.url_hosts"},
		"no collector":        {"telemetry:\n  traces_url: collector:4318\n", "", "telemetry"},
		"share of traces":     {"", "RCA_TELEMETRY_SAMPLE=1.5", "telemetry"},
		"level":               {"log:\n  level: loud\n", "", "log.level"},
		"secret's file":       {"", "RCA_DATABASE_URL_FILE=/nowhere", "RCA_DATABASE_URL_FILE"},
		"not YAML":            {"http: [\n", "", "yaml"},
	} {
		file := filepath.Join(t.TempDir(), "rca.yml")
		if err := os.WriteFile(file, []byte(c.yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		var env []string
		if c.env != "" {
			env = []string{c.env}
		}
		if _, err := loadConfig(file, env); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error that names %q", name, err, c.want)
		}
	}
}

// The defaults are good, and every setting is documented.
func TestConfigDefaults(t *testing.T) {
	c, err := loadConfig("", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.settings() {
		if s.Doc == "" || strings.HasSuffix(s.Doc, ".") {
			t.Errorf("%s: says %q", s.Key, s.Doc)
		}
	}
	text, err := c.masked()
	if err != nil {
		t.Fatal(err)
	}
	again := defaults()
	if err := yaml.Unmarshal(text, again); err != nil {
		t.Fatal(err)
	}
	if twice, err := again.masked(); err != nil || !bytes.Equal(twice, text) {
		t.Errorf("what is printed is not read again as the same: %v\n%s\n%s", err, text, twice)
	}
}
