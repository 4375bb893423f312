"""The schema: from nothing, at once from many, never backwards, and what it forbids."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from services.cache.migrate import Migration, SchemaTooNew, migrate, migrations

pytestmark = pytest.mark.integration

TENANTS = 6
"""The migration that gives each task a tenant."""

DRAWN = {
    "status": "'SUCCESS'",
    "progress": "100",
    "completed_at": "now()",
    "ttl_expires_at": "now()",
    "drawing": "''",
    "result_data": "'{}'",
    "svg_data": "''",
    "svg_size": "0",
    "svg_sha256": "sha256('')",
}
WORKING = {
    "status": "'PROGRESS'",
    "started_at": "now()",
    "worker": "'a'",
    "lease": "'1 minute'",
    "lease_token": "gen_random_uuid()",
    "lease_until": "now()",
}
FAILED = {
    "status": "'FAILURE'",
    "completed_at": "now()",
    "ttl_expires_at": "now()",
    "error_type": "'NO_FACE'",
    "error_message": "'there is no face'",
}
RIGHT = {"waiting": {}, "working": WORKING, "drawn": DRAWN, "failed": FAILED}
WRONG = {
    "of an unknown status": {"status": "'LOST'"},
    "without a hash": {"input_hash": "'abc'"},
    "of nobody": {"tenant": "NULL"},
    "beyond the whole": {"progress": "101"},
    "waiting with an end": {"completed_at": "now()"},
    "waiting with a lease": {"lease_until": "now()"},
    "waiting with a reason": {"error_type": "'NO_FACE'"},
    "waiting with an svg": {"svg_data": "''"},
    "working without a token": WORKING | {"lease_token": "NULL"},
    "working without a lease": WORKING | {"lease_until": "NULL"},
    "drawn without a drawing": DRAWN | {"drawing": "NULL"},
    "drawn without an svg": DRAWN | {"svg_data": "NULL"},
    "drawn with a reason": DRAWN | {"error_type": "'NO_FACE'"},
    "drawn and never expiring": DRAWN | {"ttl_expires_at": "NULL"},
    "drawn halfway": DRAWN | {"progress": "50"},
    "drawn with a short digest": DRAWN | {"svg_sha256": "'abc'"},
    "failed without a reason": FAILED | {"error_type": "NULL"},
    "failed with a drawing": FAILED | {"drawing": "''"},
    "cancelled for ever": {"status": "'CANCELLED'", "deterministic": "true"},
    "of bytes that are not there": DRAWN | {"svg_data": "NULL", "svg_blob": "sha256('')"},
}


def insert(url: str, columns: dict[str, str]) -> None:
    values = {"task_id": "gen_random_uuid()", "input_hash": "repeat('0', 64)"} | columns
    query = f"INSERT INTO task_results ({', '.join(values)}) VALUES ({', '.join(values.values())})"  # noqa: S608
    with psycopg.connect(url) as connection:
        connection.execute(query.encode())


def applied(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT version FROM schema_migrations ORDER BY version")
        return [version for (version,) in rows]


def test_an_empty_database_gets_all_migrations(database_url: str) -> None:
    done = migrate(database_url)

    assert [step.version for step in done] == list(range(1, len(done) + 1))
    assert applied(database_url) == [step.version for step in migrations()]


def test_a_second_run_does_nothing(database_url: str) -> None:
    migrate(database_url)

    assert migrate(database_url) == []


def test_many_at_once_run_each_migration_once(database_url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda _: migrate(database_url), range(8)))

    assert sorted(len(steps) for steps in done) == [0] * 7 + [len(migrations())]


def test_a_later_migration_runs_alone(database_url: str) -> None:
    migrate(database_url)
    later = Migration(len(migrations()) + 1, "9999_later", "CREATE TABLE later ()")

    assert migrate(database_url, [*migrations(), later]) == [later]


def test_tasks_of_the_version_before_are_the_one_tenants(database_url: str) -> None:
    migrate(database_url, [step for step in migrations() if step.version < TENANTS])
    insert(database_url, DRAWN)

    migrate(database_url)

    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT tenant, status FROM task_results").fetchall()
    assert rows == [("", "SUCCESS")]


def test_a_newer_database_is_refused(database_url: str) -> None:
    later = Migration(len(migrations()) + 1, "9999_later", "SELECT 1")
    migrate(database_url, [*migrations(), later])

    with pytest.raises(SchemaTooNew, match="run the version that migrated it"):
        migrate(database_url)


def test_a_migration_that_fails_leaves_no_trace(database_url: str) -> None:
    broken = Migration(1, "0001_broken", "CREATE TABLE half (); SELECT 1 / 0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(database_url, [broken])

    assert applied(database_url) == []
    with psycopg.connect(database_url) as connection:
        (found,) = connection.execute("SELECT to_regclass('half')").fetchone() or ("?",)
    assert found is None


@pytest.mark.parametrize("columns", RIGHT.values(), ids=RIGHT)
def test_a_task_can_be(database_url: str, columns: dict[str, str]) -> None:
    migrate(database_url)

    insert(database_url, columns)


@pytest.mark.parametrize("columns", WRONG.values(), ids=WRONG)
def test_a_task_cannot_be(database_url: str, columns: dict[str, str]) -> None:
    migrate(database_url)

    with pytest.raises(psycopg.errors.IntegrityError):
        insert(database_url, columns)


@pytest.mark.parametrize("rival", [{}, WORKING, DRAWN, FAILED | {"deterministic": "true"}])
def test_a_key_has_one_live_task(database_url: str, rival: dict[str, str]) -> None:
    migrate(database_url)
    insert(database_url, rival)

    with pytest.raises(psycopg.errors.UniqueViolation):
        insert(database_url, {})


def test_a_key_has_a_live_task_for_each_tenant(database_url: str) -> None:
    migrate(database_url)
    insert(database_url, {"tenant": "'ana'"})

    insert(database_url, {"tenant": "'ben'"})


def test_a_key_may_have_any_number_of_others(database_url: str) -> None:
    migrate(database_url)
    insert(database_url, FAILED)
    insert(database_url, FAILED)

    insert(database_url, {})
