"""Backups of the database: tasks, inputs and drawings. The rest of the suite keeps nothing."""
