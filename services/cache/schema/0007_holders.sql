-- How many submissions were told a task's id, and have not let go of it: a renderer that leaves does.

-- Null is not counted: the task was begun by a version that does not count, and goes on whatever
-- happens. No default, so that such a version's tasks stay uncounted in a database that has this.
ALTER TABLE task_results ADD COLUMN holders integer CHECK (holders >= 0);
