-- What clients call their submissions, so that one that is sent again gets the same task.

CREATE TABLE repeat_keys (
    tenant      text        NOT NULL CHECK (octet_length(tenant) <= 512),
    key         text        NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 255),
    -- The SHA-256 of what was submitted under it.
    fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
    task_id     uuid        NOT NULL REFERENCES task_results (task_id) ON DELETE CASCADE,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant, key)
);

CREATE INDEX repeat_keys_task ON repeat_keys (task_id);
CREATE INDEX repeat_keys_expiring ON repeat_keys (expires_at);
