"""The schema: numbered SQL files, run in order by `services.cache.migrate`."""
