"""The cache service: owns Postgres and all durable state of the suite."""
