-- The span of the request that opened a job, so that the trace goes on in its attempts, in whatever process they run.

-- +goose Up
ALTER TABLE jobs ADD COLUMN traceparent TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE jobs DROP COLUMN traceparent;
