-- Ids are UUIDv7 text, times microseconds UTC with 0 for never, documents JSON in TEXT. Only what SQLite and PostgreSQL both speak.

-- +goose Up
CREATE TABLE users (
    id            TEXT PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL CHECK (name <> ''),
    folded        TEXT NOT NULL UNIQUE, -- the name in lower case, folded in Go so that both databases agree
    password_hash TEXT NOT NULL,
    admin         BOOLEAN NOT NULL,
    disabled      BOOLEAN NOT NULL,
    token_version BIGINT NOT NULL,      -- raised to end all tokens that were given out
    failed_logins BIGINT NOT NULL,
    locked_until  BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    last_login    BIGINT NOT NULL
);
CREATE INDEX users_created ON users (created_at, id);
CREATE INDEX users_admin ON users (id) WHERE admin;

CREATE TABLE workspaces (
    id         TEXT PRIMARY KEY NOT NULL,
    name       TEXT NOT NULL CHECK (name <> ''),
    personal   TEXT UNIQUE REFERENCES users (id), -- whose own workspace it is
    created_at BIGINT NOT NULL
);
CREATE INDEX workspaces_created ON workspaces (created_at, id);

CREATE TABLE members (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role         TEXT NOT NULL CHECK (role IN ('viewer', 'analyst', 'admin')),
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_user ON members (user_id);

CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    hash       TEXT PRIMARY KEY NOT NULL,
    family     TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_expires ON refresh_tokens (expires_at);

CREATE TABLE signing_keys (
    kid        TEXT PRIMARY KEY NOT NULL,
    secret     BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT NOT NULL
);

CREATE TABLE setup_links (
    hash       TEXT PRIMARY KEY NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY NOT NULL,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    workspace_id TEXT REFERENCES workspaces (id) ON DELETE CASCADE, -- null: all the user's workspaces
    name         TEXT NOT NULL,
    prefix       TEXT NOT NULL UNIQUE,
    hash         TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used    BIGINT NOT NULL,
    revoked_at   BIGINT NOT NULL
);
CREATE INDEX api_keys_user ON api_keys (user_id, id);
CREATE INDEX api_keys_workspace ON api_keys (workspace_id);

CREATE TABLE blobs (
    hash        TEXT PRIMARY KEY NOT NULL,
    size        BIGINT NOT NULL CHECK (size >= 0),
    stored_size BIGINT NOT NULL CHECK (stored_size >= 0),
    refs        BIGINT NOT NULL CHECK (refs >= 0),
    idle_since  BIGINT NOT NULL -- last time it was announced or lost a reference
);
CREATE INDEX blobs_idle ON blobs (idle_since) WHERE refs = 0;

CREATE TABLE uploads (
    id           TEXT PRIMARY KEY NOT NULL,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    user_id      TEXT NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL,
    size         BIGINT NOT NULL CHECK (size >= 0),
    blob_hash    TEXT REFERENCES blobs (hash),
    media_type   TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('uploading', 'ready', 'failed')),
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    CHECK ((state = 'ready') = (blob_hash IS NOT NULL))
);
CREATE INDEX uploads_workspace ON uploads (workspace_id, created_at, id);
CREATE INDEX uploads_usage_workspace ON uploads (workspace_id, state, size);
CREATE INDEX uploads_usage_user ON uploads (user_id, state, size);
CREATE INDEX uploads_blob ON uploads (blob_hash);
CREATE INDEX uploads_expires ON uploads (expires_at) WHERE expires_at > 0;

CREATE TABLE jobs (
    id               TEXT PRIMARY KEY NOT NULL,
    workspace_id     TEXT NOT NULL REFERENCES workspaces (id),
    user_id          TEXT NOT NULL REFERENCES users (id),
    type             TEXT NOT NULL CHECK (type IN ('rca_analysis', 'log_analysis', 'embedding_generation')),
    state            TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    priority         BIGINT NOT NULL CHECK (priority BETWEEN 1 AND 4),
    title            TEXT NOT NULL,
    folded           TEXT NOT NULL, -- the title in lower case, which the text filter searches
    provider         TEXT NOT NULL,
    model            TEXT NOT NULL,
    options          TEXT NOT NULL,
    window_from      BIGINT NOT NULL,
    window_to        BIGINT NOT NULL,
    idempotency_key  TEXT,
    fingerprint      TEXT NOT NULL, -- of what was asked for, so that a key that is used again for something else is seen
    rerun_of         TEXT NOT NULL,
    attempt          BIGINT NOT NULL CHECK (attempt >= 0),
    max_attempts     BIGINT NOT NULL CHECK (max_attempts >= 1),
    time_limit       BIGINT NOT NULL, -- microseconds, 0 for the worker's own limit
    worker_id        TEXT NOT NULL,   -- of the attempt that runs
    stage            TEXT NOT NULL,
    done_bytes       BIGINT NOT NULL,
    total_bytes      BIGINT NOT NULL,
    eta              BIGINT NOT NULL,
    cancel_requested BOOLEAN NOT NULL,
    error_code       TEXT NOT NULL,
    error            TEXT NOT NULL,
    last_event       BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    due_at           BIGINT NOT NULL, -- not started before, for the back-off between attempts
    started_at       BIGINT NOT NULL,
    finished_at      BIGINT NOT NULL,
    UNIQUE (user_id, idempotency_key),
    CHECK ((finished_at > 0) = (state IN ('succeeded', 'failed', 'cancelled')))
);
CREATE INDEX jobs_workspace ON jobs (workspace_id, created_at, id);
CREATE INDEX jobs_workspace_state ON jobs (workspace_id, state, created_at, id);
CREATE INDEX jobs_workspace_finished ON jobs (workspace_id, finished_at, id);
CREATE INDEX jobs_workspace_priority ON jobs (workspace_id, priority, id);
CREATE INDEX jobs_workspace_user ON jobs (workspace_id, user_id, created_at, id);
CREATE INDEX jobs_user ON jobs (user_id, created_at, id);
CREATE INDEX jobs_queued ON jobs (user_id, priority, created_at, id, due_at) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (user_id, worker_id) WHERE state = 'running';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at > 0;

CREATE TABLE job_inputs (
    job_id    TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    position  BIGINT NOT NULL,
    role      TEXT NOT NULL CHECK (role IN ('logs', 'baseline')),
    upload_id TEXT REFERENCES uploads (id) ON DELETE SET NULL, -- null once the upload expired
    name      TEXT NOT NULL,
    size      BIGINT NOT NULL,
    PRIMARY KEY (job_id, position)
);
CREATE INDEX job_inputs_upload ON job_inputs (upload_id);

CREATE TABLE job_events (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    seq    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    data   TEXT NOT NULL,
    PRIMARY KEY (job_id, seq)
);

CREATE TABLE job_attempts (
    job_id     TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    attempt    BIGINT NOT NULL,
    worker_id  TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled', 'lost', 'released')),
    error_code TEXT NOT NULL,
    error      TEXT NOT NULL,
    peak_bytes BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    PRIMARY KEY (job_id, attempt)
);

CREATE TABLE workers (
    id         TEXT PRIMARY KEY NOT NULL,
    host       TEXT NOT NULL,
    version    TEXT NOT NULL,
    slots      BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    beat_at    BIGINT NOT NULL
);
CREATE INDEX workers_beat ON workers (beat_at);

CREATE TABLE reports (
    id           TEXT PRIMARY KEY NOT NULL,
    job_id       TEXT NOT NULL UNIQUE REFERENCES jobs (id) ON DELETE CASCADE,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    partial      BOOLEAN NOT NULL,
    verdict      TEXT NOT NULL,
    headline     TEXT NOT NULL,
    component    TEXT NOT NULL,
    category     TEXT NOT NULL,
    grade        TEXT NOT NULL,
    confidence   DOUBLE PRECISION, -- null where the report gives none
    blob_hash    TEXT NOT NULL REFERENCES blobs (hash),
    created_at   BIGINT NOT NULL
);
CREATE INDEX reports_workspace ON reports (workspace_id, created_at, id);
CREATE INDEX reports_blob ON reports (blob_hash);

CREATE TABLE job_templates (
    job_id      TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    template_id TEXT NOT NULL,
    text        TEXT NOT NULL,
    component   TEXT NOT NULL,
    severity    TEXT NOT NULL,
    count       BIGINT NOT NULL,
    first_at    BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    PRIMARY KEY (job_id, template_id)
);
CREATE INDEX job_templates_count ON job_templates (job_id, count, template_id);

CREATE TABLE job_signals (
    job_id    TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    position  BIGINT NOT NULL,
    signal_id TEXT NOT NULL,
    kind      TEXT NOT NULL,
    component TEXT NOT NULL,
    severity  TEXT NOT NULL,
    text      TEXT NOT NULL,
    at        BIGINT NOT NULL,
    data      TEXT NOT NULL,
    PRIMARY KEY (job_id, position)
);

CREATE TABLE incidents (
    id           TEXT PRIMARY KEY NOT NULL,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    title        TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'investigating', 'resolved')),
    job_id       TEXT REFERENCES jobs (id) ON DELETE SET NULL, -- an incident outlives its job
    report_id    TEXT REFERENCES reports (id) ON DELETE SET NULL,
    component    TEXT NOT NULL,
    category     TEXT NOT NULL,
    summary      TEXT NOT NULL,
    resolution   TEXT NOT NULL,
    folded       TEXT NOT NULL, -- title, summary and resolution in lower case, which the text filter searches
    version      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    resolved_at  BIGINT NOT NULL,
    CHECK ((resolved_at > 0) = (state = 'resolved'))
);
CREATE INDEX incidents_workspace ON incidents (workspace_id, created_at, id);
CREATE INDEX incidents_state ON incidents (workspace_id, state, created_at, id);
CREATE INDEX incidents_job ON incidents (job_id);
CREATE INDEX incidents_report ON incidents (report_id);

-- No foreign keys: what was done stays told when those it tells of are gone.
CREATE TABLE audit (
    id           TEXT PRIMARY KEY NOT NULL,
    at           BIGINT NOT NULL,
    user_id      TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    action       TEXT NOT NULL,
    object       TEXT NOT NULL,
    address      TEXT NOT NULL,
    request_id   TEXT NOT NULL,
    detail       TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_user ON audit (user_id, at, id);
CREATE INDEX audit_workspace ON audit (workspace_id, at, id);

CREATE TABLE settings (
    key        TEXT PRIMARY KEY NOT NULL,
    value      TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE settings;
DROP TABLE audit;
DROP TABLE incidents;
DROP TABLE job_signals;
DROP TABLE job_templates;
DROP TABLE reports;
DROP TABLE workers;
DROP TABLE job_attempts;
DROP TABLE job_events;
DROP TABLE job_inputs;
DROP TABLE jobs;
DROP TABLE uploads;
DROP TABLE blobs;
DROP TABLE api_keys;
DROP TABLE setup_links;
DROP TABLE signing_keys;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE members;
DROP TABLE workspaces;
DROP TABLE users;
