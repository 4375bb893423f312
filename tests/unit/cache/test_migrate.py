"""The files of the schema."""

from __future__ import annotations

from services.cache.migrate import migrations


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [step.version for step in migrations()] == list(range(1, len(migrations()) + 1))


def test_every_migration_says_what_it_is() -> None:
    for step in migrations():
        assert step.sql.startswith("-- ")
