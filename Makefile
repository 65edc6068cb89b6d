# make demo and make test need Go alone; make check installs its linter and needs what .ci/run installs.
GO      ?= go
CACHE   := $(CURDIR)/.cache
LINT    := $(CACHE)/bin/golangci-lint
LINTVER := v2.15.0
GATEWAY := $(CACHE)/bin/versitygw
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
DEMO    := testdata/incidents/$(shell cat testdata/incidents/DEMO)

.PHONY: build demo test check check-full lint cross generated types bench fuzz load eval man clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/rca ./cmd/rca

# The main job on a bundled real incident: the report on the terminal, and the same as one HTML file.
demo: build
	bin/rca analyze --baseline $(DEMO)/baseline $(DEMO)/logs
	@bin/rca analyze --baseline $(DEMO)/baseline --format html -o bin/demo.html $(DEMO)/logs
	@echo
	@echo "The same report as HTML: $(CURDIR)/bin/demo.html"

test:
	$(GO) test ./...

# Everything that a change must pass, the service's parts on SQLite and disk and on real PostgreSQL, Redis and S3.
check: lint generated types cross $(GATEWAY)
	scripts/with-services.sh $(GO) test -race ./...
	scripts/with-services.sh $(GO) test ./internal/store -run '^TestPlans$$' # which the race detector makes too slow
	$(GO) test -tags man ./cmd/rca -run '^TestMan$$'
	$(GO) test ./analyze -run '^TestPeakMemory$$' # the race detector takes ten times the memory

# What is too heavy for every change.
check-full: check fuzz bench
	RCA_HEAVY=1 $(GO) test ./analyze -run 'Past2G|LineOf1G' -timeout 30m

lint: $(LINT)
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(LINT) run ./...

$(LINT):
	GOBIN=$(CACHE)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINTVER)

# The S3 server of the tests.
$(GATEWAY):
	CGO_ENABLED=0 GOBIN=$(CACHE)/bin $(GO) install github.com/versity/versitygw/cmd/versitygw@v1.8.0

# Generated files must be those that their sources make now.
generated:
	$(GO) generate ./...
	@git diff --exit-code -- docs .env.example internal/know/entries.go client || { echo "docs/, .env.example, internal/know/entries.go or client/ is stale: commit what go generate made"; exit 1; }

# The TypeScript types of the API, which alone of what is generated need Node.
types:
	scripts/ts-types.sh
	@git diff --exit-code --stat -- client/api.d.ts || { echo "client/api.d.ts is stale: commit what make types made"; exit 1; }

cross:
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/rca
	GOOS=darwin GOARCH=amd64 CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/rca
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/rca
	GOOS=windows GOARCH=arm64 CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/rca
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/rca

FUZZTIME ?= 60s
fuzz:
	$(GO) test ./internal/source -run '^$$' -fuzz '^FuzzWalk$$' -fuzztime $(FUZZTIME)
	$(GO) test ./internal/parse -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME)
	$(GO) test ./internal/mine -run '^$$' -fuzz '^FuzzMine$$' -fuzztime $(FUZZTIME)

# The manual pages, from the same source as --help.
man:
	$(GO) run -tags man -ldflags '$(LDFLAGS)' ./cmd/rca man bin/man

# The stages and the whole command on a generated corpus of eight formats, beside the figures in docs/performance.md.
# RECORD=-record writes them there.
BENCHMB ?= 100
RECORD  ?=
bench: build
	@rm -rf $(CACHE)/bench && mkdir -p $(CACHE)/bench
	@RCA_CORPUS=$(CACHE)/bench/logs RCA_CORPUS_MB=$(BENCHMB) $(GO) test ./analyze -count=1 -run '^TestCorpus$$' >/dev/null
	$(GO) run ./scripts/bench $(RECORD) bin/rca $(CACHE)/bench/logs
	@rm -rf $(CACHE)/bench

# The service measured on this machine: uploads, jobs at once, reads. DATABASE=postgres://… on an empty database instead of SQLite.
DATABASE ?=
load: build
	$(GO) run ./scripts/load -database '$(DATABASE)' bin/rca
	$(GO) run ./scripts/load -database '$(DATABASE)' -kills 50 bin/rca

# The accuracy on our own incidents, asked in every way; with DATA=… BENCH=… on the development sets as well, the whole table of
# docs/accuracy.md.
eval: build
ifdef DATA
	python3 scripts/accuracy.py bin/rca $(DATA) $(BENCH)
else
	bin/rca eval --reliability testdata/incidents
	bin/rca eval --quiet --variant all testdata/incidents
endif

clean:
	rm -rf bin dist
