-- Whose a task is: tenants share the tables, and see nothing of one another's tasks.

-- Empty is the one tenant there is while callers are not told apart.
ALTER TABLE task_results ADD COLUMN tenant text NOT NULL DEFAULT ''
    CHECK (octet_length(tenant) <= 512);

-- Single flight is a tenant's own: a hit or an earlier task would tell of another's photo. The hash
-- comes first, it tells entries apart at the first bytes.
DROP INDEX task_results_live;
CREATE UNIQUE INDEX task_results_live ON task_results (input_hash, tenant) WHERE is_live;

-- Lists are a tenant's own as well.
DROP INDEX task_results_newest;
CREATE INDEX task_results_newest ON task_results (tenant, submitted_at DESC, task_id DESC);
