-- What photos look like, to find near duplicates: an index by parts of a perceptual hash. Every hash
-- within 10 bits of another is within 2 of it in a quarter of 16 bits, so the few numbers that a
-- quarter may then have are looked up, and no table is searched.

CREATE TABLE likenesses (
    task_id         uuid        PRIMARY KEY REFERENCES task_results (task_id) ON DELETE CASCADE,
    -- What must be equal besides: drawing version, tenant, options, segmentation map.
    scope           bytea       NOT NULL CHECK (octet_length(scope) = 32),
    perceptual_hash bigint      NOT NULL,
    quarter_1       integer     NOT NULL
        GENERATED ALWAYS AS (((perceptual_hash >> 48) & 65535)::integer) STORED,
    quarter_2       integer     NOT NULL
        GENERATED ALWAYS AS (((perceptual_hash >> 32) & 65535)::integer) STORED,
    quarter_3       integer     NOT NULL
        GENERATED ALWAYS AS (((perceptual_hash >> 16) & 65535)::integer) STORED,
    quarter_4       integer     NOT NULL
        GENERATED ALWAYS AS ((perceptual_hash & 65535)::integer) STORED,
    image_width     integer     NOT NULL CHECK (image_width > 0),
    image_height    integer     NOT NULL CHECK (image_height > 0),
    -- Fractions of the photo's width and height, in turn, 32-bit floats.
    landmarks       bytea       NOT NULL
);

-- Landmarks are read of the few photos that are near: kept out of the rows, which stay small.
ALTER TABLE likenesses ALTER COLUMN landmarks SET STORAGE EXTERNAL;

-- With all that a search compares: of thousands of candidates only the near ones are read.
CREATE INDEX likenesses_quarter_1 ON likenesses (scope, quarter_1)
    INCLUDE (perceptual_hash, task_id);
CREATE INDEX likenesses_quarter_2 ON likenesses (scope, quarter_2)
    INCLUDE (perceptual_hash, task_id);
CREATE INDEX likenesses_quarter_3 ON likenesses (scope, quarter_3)
    INCLUDE (perceptual_hash, task_id);
CREATE INDEX likenesses_quarter_4 ON likenesses (scope, quarter_4)
    INCLUDE (perceptual_hash, task_id);
