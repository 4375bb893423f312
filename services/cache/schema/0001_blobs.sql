-- Bytes by their SHA-256: the inputs of tasks, and drawings too large for a row of their own.

CREATE TABLE blobs (
    digest       bytea       PRIMARY KEY CHECK (octet_length(digest) = 32),
    size         bigint      NOT NULL CHECK (size >= 0),
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- Set by whoever stores the same bytes again: the write takes the row's lock, so that nobody
    -- erases the bytes before the new reference is there.
    wanted_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE blob_chunks (
    digest       bytea       NOT NULL REFERENCES blobs ON DELETE CASCADE,
    seq          integer     NOT NULL CHECK (seq >= 0),
    data         bytea       NOT NULL CHECK (octet_length(data) <= 262144),
    PRIMARY KEY (digest, seq)
);

-- Photos and maps are compressed already; Postgres need not try.
ALTER TABLE blob_chunks ALTER COLUMN data SET STORAGE EXTERNAL;
