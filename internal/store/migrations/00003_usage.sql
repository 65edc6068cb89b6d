-- What a user and a workspace have stored is counted with each upload, for a sum over all of them is asked with each upload too.

-- +goose Up
ALTER TABLE users ADD COLUMN upload_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN upload_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workspaces ADD COLUMN upload_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workspaces ADD COLUMN upload_count BIGINT NOT NULL DEFAULT 0;
UPDATE users SET upload_bytes = (SELECT CAST(COALESCE(sum(size), 0) AS BIGINT) FROM uploads WHERE user_id = users.id AND state IN ('uploading', 'ready')),
    upload_count = (SELECT count(*) FROM uploads WHERE user_id = users.id AND state IN ('uploading', 'ready'));
UPDATE workspaces SET upload_bytes = (SELECT CAST(COALESCE(sum(size), 0) AS BIGINT) FROM uploads WHERE workspace_id = workspaces.id AND state IN ('uploading', 'ready')),
    upload_count = (SELECT count(*) FROM uploads WHERE workspace_id = workspaces.id AND state IN ('uploading', 'ready'));
DROP INDEX uploads_usage_user;
DROP INDEX uploads_usage_workspace;

-- +goose Down
CREATE INDEX uploads_usage_workspace ON uploads (workspace_id, state, size);
CREATE INDEX uploads_usage_user ON uploads (user_id, state, size);
ALTER TABLE workspaces DROP COLUMN upload_count;
ALTER TABLE workspaces DROP COLUMN upload_bytes;
ALTER TABLE users DROP COLUMN upload_count;
ALTER TABLE users DROP COLUMN upload_bytes;
