package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/fetch"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/traces"
)

// config is all that rca serve, rca worker and the commands about them can be told: first the defaults, over them a YAML file, over
// it RCA_… in the environment, over it flags. The docs are made from its fields (configdoc.go), so each says what it is for.
type config struct {
	Data string `yaml:"data" doc:"Folder of the embedded mode: database, blobs, unfinished uploads and what running jobs need"`

	HTTP struct {
		Listen         string   `yaml:"listen" doc:"Address of the API and the UI"`
		Ops            string   `yaml:"ops" doc:"Address of /metrics, /healthz and /readyz; empty: none"`
		URL            string   `yaml:"url" doc:"How users reach the server, for links; empty: http://LISTEN"`
		TLSCert        string   `yaml:"tls_cert" doc:"File of the certificate chain in PEM; with tls_key the server speaks TLS"`
		TLSKey         string   `yaml:"tls_key" doc:"File of the certificate's key in PEM"`
		TrustedProxies []string `yaml:"trusted_proxies" doc:"Addresses or networks of proxies whose X-Forwarded-For is believed"`
		CORSOrigins    []string `yaml:"cors_origins" doc:"Origins of web pages elsewhere that may call the API"`
		HeaderTimeout  duration `yaml:"header_timeout" doc:"How long the head of a request may take to come"`
		Grace          duration `yaml:"grace" doc:"How long open requests get at a stop"`
	} `yaml:"http"`

	Database struct {
		URL            string   `yaml:"url" secret:"true" doc:"sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME; empty: DATA/rca.db"`
		Conns          int      `yaml:"conns" doc:"Connections that may write; 0: 4 on SQLite, 16 on PostgreSQL"`
		ReadConns      int      `yaml:"read_conns" doc:"Connections that only read, on SQLite; 0: 4"`
		IdleTime       duration `yaml:"idle_time" doc:"A connection unused for so long is closed, on PostgreSQL"`
		LifeTime       duration `yaml:"life_time" doc:"A connection older than this is replaced, on PostgreSQL"`
		ConnectTimeout duration `yaml:"connect_timeout" doc:"How long a connection may take to come about"`
		BusyTimeout    duration `yaml:"busy_timeout" doc:"How long a write waits for another one's lock"`
		QueryTimeout   duration `yaml:"query_timeout" doc:"The server ends a statement that takes longer, on PostgreSQL"`
	} `yaml:"database"`

	Blobs struct {
		URL       string `yaml:"url" doc:"Folder, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME&path_style=true; empty: DATA/blobs"`
		AccessKey string `yaml:"access_key" doc:"Of S3"`
		SecretKey string `yaml:"secret_key" secret:"true" doc:"Of S3"`
	} `yaml:"blobs"`

	Redis struct {
		URL string `yaml:"url" secret:"true" doc:"redis://:PASSWORD@HOST:PORT/0 for rate limits that many processes share; empty: each process counts for itself"`
	} `yaml:"redis"`

	Jobs struct {
		Workers   int      `yaml:"workers" doc:"Attempts at the same time in this process; 0: none, rca worker elsewhere does the work"`
		PerUser   int      `yaml:"per_user" doc:"Running jobs of one user over all processes"`
		Memory    byteSize `yaml:"memory" doc:"That one attempt may take"`
		TimeLimit duration `yaml:"time_limit" doc:"Of one attempt where its job says none"`
		Grace     duration `yaml:"grace" doc:"How long running attempts get at a stop before they go back to the queue"`
	} `yaml:"jobs"`

	Uploads struct {
		Max        byteSize `yaml:"max" doc:"Bytes of one upload"`
		Quota      byteSize `yaml:"quota" doc:"Bytes that one user's uploads may take in all"`
		Keep       duration `yaml:"keep" doc:"An upload without a job is deleted after this time"`
		Free       byteSize `yaml:"keep_free" doc:"Bytes of the data folder's disk, at most a twentieth of it, that uploads leave free for the database"`
		URLHosts   []string `yaml:"url_hosts" doc:"Hosts of URLs that users may upload from: logs.example.com, *.example.com, logs.example.com:8443, http://logs.example.com; empty: none"`
		URLPrivate bool     `yaml:"url_private" doc:"These hosts may have addresses of private networks and of this machine"`
	} `yaml:"uploads"`

	Limits struct {
		Strangers rate     `yaml:"strangers" doc:"Requests of an address that has not said who it is"`
		Logins    rate     `yaml:"logins" doc:"Attempts to log in, for each address"`
		Users     rate     `yaml:"users" doc:"Requests of a user, over all tokens and sessions"`
		Keys      rate     `yaml:"keys" doc:"Requests of an API key"`
		Body      byteSize `yaml:"body" doc:"Bytes of a JSON body"`
		Answer    duration `yaml:"answer" doc:"A request that is no stream ends after this time"`
		Stall     duration `yaml:"stall" doc:"A stream that moves no byte for so long is cut"`
	} `yaml:"limits"`

	Retention struct {
		Jobs  duration `yaml:"jobs" doc:"A finished job is deleted after this time, with its report and records"`
		Audit duration `yaml:"audit" doc:"An entry of the audit log is deleted after this time"`
	} `yaml:"retention"`

	Auth struct {
		AccessTTL   duration `yaml:"access_ttl" doc:"Life of an access token"`
		RefreshTTL  duration `yaml:"refresh_ttl" doc:"Life of a refresh token"`
		SessionIdle duration `yaml:"session_idle" doc:"A session of the UI that is unused for so long ends"`
		SessionMax  duration `yaml:"session_max" doc:"And any ends after this time"`
		SetupTTL    duration `yaml:"setup_ttl" doc:"Life of the one-time link that makes the first administrator"`
		KeyAge      duration `yaml:"key_age" doc:"A signing key older than this is replaced"`
	} `yaml:"auth"`

	Telemetry struct {
		TracesURL string  `yaml:"traces_url" doc:"Collector that takes traces by OTLP over HTTP, as http://localhost:4318; OTEL_EXPORTER_OTLP_HEADERS holds its key; empty: no traces"`
		Sample    float64 `yaml:"sample" doc:"Share of traces that are sent, 0 to 1"`
	} `yaml:"telemetry"`

	Log struct {
		Level string `yaml:"level" doc:"debug, info, warn or error"`
	} `yaml:"log"`
}

// defaults are the settings where nothing else is said.
func defaults() *config {
	c := &config{Data: "rca-data"}
	c.HTTP.Listen, c.HTTP.Ops = "127.0.0.1:8000", "127.0.0.1:8001"
	c.HTTP.HeaderTimeout, c.HTTP.Grace = duration(10*time.Second), duration(10*time.Second)
	c.Database.IdleTime, c.Database.LifeTime = duration(5*time.Minute), duration(time.Hour)
	c.Database.ConnectTimeout, c.Database.BusyTimeout, c.Database.QueryTimeout = duration(10*time.Second), duration(10*time.Second), duration(time.Minute)
	c.Jobs.Workers, c.Jobs.PerUser, c.Jobs.Memory = 2, 2, 2<<30
	c.Jobs.TimeLimit, c.Jobs.Grace = duration(time.Hour), duration(30*time.Second)
	c.Uploads.Max, c.Uploads.Quota, c.Uploads.Keep, c.Uploads.Free = 20<<30, 100<<30, duration(7*24*time.Hour), 512<<20
	c.Limits.Strangers, c.Limits.Logins = rate{100, time.Hour}, rate{20, 10 * time.Minute}
	c.Limits.Users, c.Limits.Keys = rate{6000, time.Minute}, rate{3000, time.Minute}
	c.Limits.Body, c.Limits.Answer, c.Limits.Stall = 1<<20, duration(30*time.Second), duration(time.Minute)
	c.Retention.Jobs, c.Retention.Audit = duration(90*24*time.Hour), duration(365*24*time.Hour)
	c.Telemetry.Sample = 1
	c.Auth.AccessTTL, c.Auth.RefreshTTL = duration(15*time.Minute), duration(30*24*time.Hour)
	c.Auth.SessionIdle, c.Auth.SessionMax = duration(12*time.Hour), duration(30*24*time.Hour)
	c.Auth.SetupTTL, c.Auth.KeyAge = duration(24*time.Hour), duration(30*24*time.Hour)
	c.Log.Level = "info"
	return c
}

// loadConfig reads the file, "" for none, and what env tells of the environment.
func loadConfig(file string, env []string) (*config, error) {
	c := defaults()
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close() // read only
		dec := yaml.NewDecoder(f)
		dec.KnownFields(true)
		if err := dec.Decode(c); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	if err := c.fromEnvironment(env); err != nil {
		return nil, err
	}
	return c, c.check()
}

// otherEnvironment are names that say something else: where the configuration lies, what rca push uses.
var otherEnvironment = []string{"RCA_CONFIG", "RCA_SERVER", "RCA_API_KEY"}

// fromEnvironment sets what RCA_… says. A name with _FILE at its end gives the file that holds the value, as secrets are mounted.
func (c *config) fromEnvironment(env []string) error {
	byName := map[string]setting{}
	for _, s := range c.settings() {
		byName[s.Env] = s
	}
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "RCA_") || strings.HasPrefix(name, "RCA_TEST_") || slices.Contains(otherEnvironment, name) {
			continue
		}
		s, ok := byName[name]
		if !ok {
			if s, ok = byName[strings.TrimSuffix(name, "_FILE")]; !ok {
				return fmt.Errorf("environment %s: there is no such setting", name)
			}
			b, err := os.ReadFile(value)
			if err != nil {
				return fmt.Errorf("environment %s: %w", name, err)
			}
			value = strings.TrimRight(string(b), "\r\n")
		}
		if err := s.set(value); err != nil {
			return fmt.Errorf("environment %s: %w", name, err)
		}
	}
	return nil
}

// setting is one value of the configuration.
type setting struct {
	Key    string // path in the file: http.listen
	Env    string // RCA_HTTP_LISTEN
	Doc    string
	Secret bool
	value  reflect.Value
}

// settings walks the struct in the order of its fields.
func (c *config) settings() []setting {
	var out []setting
	var walk func(prefix string, v reflect.Value)
	walk = func(prefix string, v reflect.Value) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			key := prefix + f.Tag.Get("yaml")
			if f.Type.Kind() == reflect.Struct && f.Tag.Get("doc") == "" {
				walk(key+".", v.Field(i))
				continue
			}
			out = append(out, setting{Key: key, Env: "RCA_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_")), Doc: f.Tag.Get("doc"), Secret: f.Tag.Get("secret") != "", value: v.Field(i)})
		}
	}
	walk("", reflect.ValueOf(c).Elem())
	return out
}

// set reads a value as the environment writes it; lists are parted by commas.
func (s setting) set(value string) error {
	switch p := s.value.Addr().Interface().(type) {
	case *string:
		*p = value
	case *[]string:
		*p = nil
		for x := range strings.SplitSeq(value, ",") {
			if x = strings.TrimSpace(x); x != "" {
				*p = append(*p, x)
			}
		}
	default:
		if err := yaml.Unmarshal([]byte(value), p); err != nil {
			return fmt.Errorf("%q: %w", value, err)
		}
	}
	return nil
}

// String writes the value; of a secret only whether it is set.
func (s setting) String() string {
	if s.Secret && !s.value.IsZero() {
		return "***"
	}
	if list, ok := s.value.Interface().([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(s.value.Interface())
}

// check refuses what cannot be meant, naming the key.
func (c *config) check() error {
	for _, s := range c.settings() {
		switch v := s.value.Interface().(type) {
		case duration:
			if v <= 0 {
				return fmt.Errorf("%s: %s is no positive time", s.Key, v)
			}
		case byteSize:
			if v <= 0 {
				return fmt.Errorf("%s: %s is no positive size", s.Key, v)
			}
		case int:
			if v < 0 {
				return fmt.Errorf("%s: %d is below zero", s.Key, v)
			}
		}
	}
	switch {
	case c.Data == "":
		return errors.New("data: a folder is wanted")
	case c.HTTP.Listen == "":
		return errors.New("http.listen: an address is wanted")
	case (c.HTTP.TLSCert == "") != (c.HTTP.TLSKey == ""):
		return errors.New("http.tls_cert and http.tls_key: one is set without the other")
	case c.Jobs.PerUser < 1:
		return errors.New("jobs.per_user: nobody could run a job")
	case c.Jobs.Memory < 256<<20:
		return fmt.Errorf("jobs.memory: %s is less than the 256 MB that an analysis may take", c.Jobs.Memory)
	}
	if err := c.traceOptions().Check(); err != nil {
		return fmt.Errorf("telemetry: %w", err)
	}
	if _, err := fetch.New(c.fetchOptions()); err != nil {
		return fmt.Errorf("uploads.url_hosts: %w", err)
	}
	switch c.Log.Level {
	case "debug", "info", "warn", "error":
	default:
		return fmt.Errorf("log.level: %q is none of debug, info, warn, error", c.Log.Level)
	}
	return nil
}

// databaseURL is where the rows lie.
func (c *config) databaseURL() string {
	if c.Database.URL != "" {
		return c.Database.URL
	}
	return "sqlite:" + filepath.Join(c.Data, "rca.db")
}

// blobURL is where the uploaded bytes lie.
func (c *config) blobURL() string {
	if c.Blobs.URL != "" {
		return c.Blobs.URL
	}
	return filepath.Join(c.Data, "blobs")
}

// publicURL is how users reach the server.
func (c *config) publicURL() string {
	if c.HTTP.URL != "" {
		return strings.TrimRight(c.HTTP.URL, "/")
	}
	if c.HTTP.TLSCert != "" {
		return "https://" + c.HTTP.Listen
	}
	return "http://" + c.HTTP.Listen
}

func (c *config) storeOptions() store.Options {
	d := &c.Database
	return store.Options{Conns: d.Conns, ReadConns: d.ReadConns, IdleTime: d.IdleTime.std(), LifeTime: d.LifeTime.std(), ConnectTimeout: d.ConnectTimeout.std(),
		BusyTimeout: d.BusyTimeout.std(), QueryTimeout: d.QueryTimeout.std()}
}

func (c *config) blobOptions() blob.Options {
	return blob.Options{AccessKey: c.Blobs.AccessKey, SecretKey: c.Blobs.SecretKey}
}

func (c *config) fetchOptions() fetch.Options {
	return fetch.Options{Hosts: c.Uploads.URLHosts, Private: c.Uploads.URLPrivate, Stall: c.Limits.Stall.std()}
}

func (c *config) traceOptions() traces.Options {
	return traces.Options{URL: c.Telemetry.TracesURL, Sample: c.Telemetry.Sample, Version: version}
}

func (c *config) authOptions() auth.Options {
	a := &c.Auth
	return auth.Options{AccessTTL: a.AccessTTL.std(), RefreshTTL: a.RefreshTTL.std(), SessionIdle: a.SessionIdle.std(), SessionMax: a.SessionMax.std(), SetupTTL: a.SetupTTL.std(), KeyAge: a.KeyAge.std()}
}
