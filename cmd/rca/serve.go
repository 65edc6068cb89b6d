package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/fetch"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/jobs"
	"github.com/rca-engine/rca/internal/server"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/traces"
)

func newServe() *cobra.Command {
	return newDaemon("serve", "Run the service: API, jobs and migrations in one process", true)
}

func newWorker() *cobra.Command {
	return newDaemon("worker", "Work on the jobs of a service whose API runs elsewhere", false)
}

// newDaemon makes the two commands that run until they are told to stop.
func newDaemon(use, short string, api bool) *cobra.Command {
	var from serviceConfig
	var data, listen, ops string
	var workers int
	c := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			set := func(flag string, to *string, value string) {
				if c.Flags().Changed(flag) {
					*to = value
				}
			}
			set("data", &cfg.Data, data)
			set("listen", &cfg.HTTP.Listen, listen)
			set("ops", &cfg.HTTP.Ops, ops)
			if c.Flags().Changed("workers") {
				cfg.Jobs.Workers = workers
			}
			if err := cfg.check(); err != nil {
				return status{code: exitUsage, text: "configuration: " + err.Error(), hint: "rca config print shows what is set"}
			}
			if !api && cfg.Jobs.Workers == 0 {
				return status{code: exitUsage, text: "a worker without workers does nothing", hint: "set jobs.workers, or say --workers N"}
			}
			return cfg.run(c.Context(), api)
		},
	}
	from.add(c)
	c.Flags().StringVar(&data, "data", "", "folder of the embedded mode (default: the configuration's, rca-data)")
	c.Flags().StringVar(&ops, "ops", "", "address of metrics and health (default: the configuration's, 127.0.0.1:8001)")
	c.Flags().IntVar(&workers, "workers", 0, "jobs at the same time in this process (default: the configuration's, 2)")
	if api {
		c.Flags().StringVar(&listen, "listen", "", "address of the API (default: the configuration's, 127.0.0.1:8000)")
	}
	return c
}

// service is what both daemons are made of.
type service struct {
	cfg      *config
	store    *store.Store
	blobs    blob.Store
	desk     *incident.Desk
	queue    *jobs.Queue
	auth     *auth.Auth
	registry *prometheus.Registry
	traces   trace.TracerProvider
	untrace  func(context.Context) error // sends the last spans
}

func (c *config) openService(ctx context.Context) (s *service, err error) {
	s = &service{cfg: c, registry: prometheus.NewRegistry()}
	s.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if s.store, err = c.openStore(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.store.Close())
		}
	}()
	if _, err = s.store.Migrate(ctx); err != nil {
		return nil, err
	}
	if s.blobs, err = blob.Open(ctx, c.blobURL(), c.blobOptions()); err != nil {
		return nil, err
	}
	if s.desk, err = incident.New(s.store, s.blobs, c.deskOptions()); err != nil {
		return nil, err
	}
	o := c.traceOptions()
	o.Log, o.Registerer = c.logger(), s.registry
	if s.traces, s.untrace, err = traces.Open(ctx, o); err != nil {
		return nil, err
	}
	if s.queue, err = jobs.New(s.store, s.desk, jobs.Options{Workers: c.Jobs.Workers, PerUser: c.Jobs.PerUser, Grace: c.Jobs.Grace.std(), Version: version, Log: c.logger(), Registerer: s.registry, Traces: s.traces}); err != nil {
		return nil, err
	}
	s.auth, err = auth.New(ctx, s.store, c.authOptions())
	return s, err
}

// close sends the spans that wait, for a moment: a collector that is away must not hold up the stop.
func (s *service) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := s.untrace(ctx); err != nil {
		s.cfg.logger().Warn("the last traces were not sent", "error", err)
	}
	return s.store.Close()
}

// run serves until ctx ends, then stops in order: no new requests, open ones finish, running jobs finish or go back to the queue.
func (c *config) run(ctx context.Context, api bool) (err error) {
	s, err := c.openService(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close(ctx)) }()
	log := c.logger()
	proxies, err := c.proxies()
	if err != nil {
		return err
	}
	urls, err := fetch.New(c.fetchOptions())
	if err != nil {
		return err
	}
	web, err := server.New(server.Options{Store: s.store, Desk: s.desk, Queue: s.queue, Auth: s.auth, Blobs: s.blobs, Folder: filepath.Join(c.Data, "uploads"),
		Fetch: urls, Redis: c.Redis.URL, Origins: c.HTTP.CORSOrigins, Proxies: proxies, TLS: strings.HasPrefix(c.publicURL(), "https://"),
		Limits: server.Limits{Strangers: server.Rate(c.Limits.Strangers), Logins: server.Rate(c.Limits.Logins), Users: server.Rate(c.Limits.Users), Keys: server.Rate(c.Limits.Keys),
			Body: int64(c.Limits.Body), Answer: c.Limits.Answer.std(), Stall: c.Limits.Stall.std()},
		Version: version, Log: log, Traces: s.traces, Registry: s.registry})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, web.Close()) }()

	g, ctx := errgroup.WithContext(ctx)
	if c.HTTP.Ops != "" {
		if _, err := c.listen(ctx, g, c.HTTP.Ops, web.OpsHandler(), false); err != nil {
			return err
		}
	}
	if api {
		if c.HTTP.Listen, err = c.listen(ctx, g, c.HTTP.Listen, web.Handler(), true); err != nil {
			return err
		}
		g.Go(func() error { return web.Run(ctx) })
		g.Go(func() error { return s.keepAudit(ctx) })
		if err := s.greet(ctx); err != nil {
			return err
		}
	}
	if c.Jobs.Workers > 0 {
		g.Go(func() error { return s.queue.Run(ctx) })
	}
	log.Info("started", "version", version, "api", api, "workers", c.Jobs.Workers)
	err = g.Wait()
	log.Info("stopped")
	return err
}

// listen answers requests at an address until ctx ends, and then those that are open for as long as the grace time. It gives the
// address with the port that port 0 became.
func (c *config) listen(ctx context.Context, g *errgroup.Group, address string, h http.Handler, public bool) (string, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", status{code: exitError, text: err.Error(), hint: "is another rca serve running? http.listen and http.ops say where to listen"}
	}
	// Bodies and answers have deadlines of their own, by route: an upload may take hours.
	srv := &http.Server{Handler: h, ReadHeaderTimeout: c.HTTP.HeaderTimeout.std(), IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	g.Go(func() error {
		var err error
		if public && c.HTTP.TLSCert != "" {
			err = srv.ServeTLS(l, c.HTTP.TLSCert, c.HTTP.TLSKey)
		} else {
			err = srv.Serve(l)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	})
	g.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.HTTP.Grace.std())
		defer cancel()
		if err := srv.Shutdown(stop); err != nil {
			return srv.Close() // whoever is still there is cut: an upload resumes, a follower comes again
		}
		return nil
	})
	return l.Addr().String(), nil
}

// greet tells where the service is, and of the first start the link that makes an administrator.
func (s *service) greet(ctx context.Context) error {
	fmt.Fprintf(os.Stderr, "rca: the API is at %s/api/v1, described at %s/docs\n", s.cfg.publicURL(), s.cfg.publicURL())
	has, err := s.store.HasAdmin(ctx)
	if err != nil || has {
		return err
	}
	link, err := s.auth.SetupLink(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, `rca: there is no administrator yet. This makes one, once, within %s:
rca:   curl %s/api/v1/auth/setup -H 'Content-Type: application/json' -d '{"link": "%s", "username": "admin", "password": "…"}'
`, s.cfg.Auth.SetupTTL, s.cfg.publicURL(), link)
	return nil
}

// keepAudit deletes entries of the audit log that have outlived their time, every hour. All else is swept by whoever runs jobs.
func (s *service) keepAudit(ctx context.Context) error {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if _, err := s.store.DeleteAuditBefore(ctx, time.Now().Add(-s.cfg.Retention.Audit.std()), 10_000); err != nil && ctx.Err() == nil {
			s.cfg.logger().Error("old audit entries could not be deleted", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (c *config) deskOptions() incident.Options {
	return incident.Options{Folder: filepath.Join(c.Data, "work"), Memory: int64(c.Jobs.Memory), TimeLimit: c.Jobs.TimeLimit.std(), MaxUpload: int64(c.Uploads.Max),
		UserQuota: int64(c.Uploads.Quota), KeepFree: int64(c.Uploads.Free), KeepUploads: c.Uploads.Keep.std(), KeepJobs: c.Retention.Jobs.std(), Version: version}
}

func (c *config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range c.HTTP.TrustedProxies {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, e := netip.ParseAddr(s)
			if e != nil {
				return nil, status{code: exitUsage, text: fmt.Sprintf("configuration: http.trusted_proxies: %q is no address or network", s)}
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}
