"""Three roles: the owner migrates, the service moves rows, the reader sees figures and no face."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from fixtures.pgbouncer import pooling
from fixtures.postgres import database, serving
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import House
from integration.cache.lives import life

from facesvg.v1 import cache_pb2 as pb
from services.cache import grants
from services.cache.migrate import MayNotMigrate, Migration, migrate, migrations
from services.cache.roles import RoleSettings, arrange
from services.runtime.settings import Env

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

Denied = psycopg.errors.InsufficientPrivilege

MIB = 1024 * 1024
FORBIDDEN_TO_READERS = [
    "SELECT data FROM blob_chunks",
    "SELECT digest FROM blobs",
    "SELECT digest FROM task_inputs",
    "SELECT drawing FROM task_results",
    "SELECT svg_data FROM task_results",
    "SELECT lease_token FROM task_results",
    "SELECT * FROM task_results",
    "SELECT landmarks FROM likenesses",
    "SELECT perceptual_hash FROM likenesses",
    "COPY blob_chunks TO STDOUT",
    "UPDATE task_results SET progress = 0",
    "DELETE FROM processing_metrics",
    "CREATE TABLE mine ()",
    "CREATE TEMPORARY TABLE mine ()",
    "SELECT make_history_day('2000-01-01')",
    "SELECT roll_up_metrics('-infinity', now())",
]
FORBIDDEN_TO_THE_SERVICE = [
    "CREATE TABLE mine ()",
    "DROP TABLE task_results",
    "ALTER TABLE task_results ADD COLUMN mine text",
    "TRUNCATE task_results CASCADE",
    "ALTER TABLE task_results DISABLE TRIGGER ALL",
    "DROP FUNCTION make_history_day(date)",
    "DELETE FROM schema_migrations",
    "SET ROLE facesvg_owner",
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return a server whose roles are the module's own."""
    with serving() as url:
        yield url


@pytest.fixture
def admin_url(server: str) -> Iterator[str]:
    """Return the URL of a database with its three roles."""
    with database(server) as url:
        arrange(settings(url))
        yield url


def settings(url: str, **variables: str) -> RoleSettings:
    return RoleSettings.from_env(Env({"DATABASE_URL": url, **variables}))


def as_role(url: str, role: str) -> str:
    return url.replace("postgresql://postgres@", f"postgresql://{role}@")


def run(url: str, statement: Any) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def service(admin_url: str) -> Iterator[House]:
    """Return a cache that has the service's role alone."""
    with House(as_role(admin_url, "facesvg_service")) as house:
        yield house


def test_the_service_does_all_its_work_with_rows_alone(service: House) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda seed: life(service, seed), range(8)))

    assert service.value("SELECT current_user") == "facesvg_service"
    assert service.value("SELECT count(*) FROM blobs") == 0


def test_the_service_makes_and_drops_the_days_of_the_history(admin_url: str) -> None:
    run(admin_url, "SELECT make_history_day('2020-02-29')")
    leaves = "SELECT count(*) FROM pg_partition_tree('processing_metrics') WHERE isleaf"

    with House(as_role(admin_url, "facesvg_service")) as house:
        assert house.value(leaves) == 8
        owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename ~ '_metrics_2'"
        assert house.sql(owners) == [("facesvg_owner",)]


@pytest.mark.parametrize("statement", FORBIDDEN_TO_THE_SERVICE)
def test_the_service_cannot(admin_url: str, statement: str) -> None:
    with pytest.raises(Denied):
        run(as_role(admin_url, "facesvg_service"), statement)


@pytest.mark.parametrize("statement", FORBIDDEN_TO_READERS)
def test_the_reader_cannot(admin_url: str, statement: str) -> None:
    with pytest.raises((Denied, psycopg.errors.ReadOnlySqlTransaction)):
        run(as_role(admin_url, "facesvg_reader"), f"SET transaction_read_only = off; {statement}")


def test_the_reader_sees_figures(service: House, admin_url: str) -> None:
    calls.completed(service.stub, svg=calls.noise(MIB))
    reader = as_role(admin_url, "facesvg_reader")

    for table in grants.READABLE:
        run(reader, f"SELECT count(*) FROM {table}")  # noqa: S608
    for table, columns in grants.READABLE_COLUMNS.items():
        assert len(run(reader, f"SELECT {columns} FROM {table}")) == 1  # noqa: S608
    assert run(reader, "SELECT cache_misses, drawings FROM cache_performance") == [(1, 1)]


def test_statistics_and_lists_may_be_read_as_the_reader(admin_url: str) -> None:
    reader = as_role(admin_url, "facesvg_reader")
    with House(as_role(admin_url, "facesvg_service"), DATABASE_READ_URL=reader) as house:
        task_id = calls.completed(house.stub)

        listed = house.stub.ListTasks(pb.ListTasksRequest()).tasks
        stats = house.stub.GetStats(pb.GetStatsRequest()).stats

    assert [task.task_id for task in listed] == [task_id]
    assert stats.cache_misses == stats.cached_entries == 1


def test_each_role_has_its_limits(admin_url: str) -> None:
    found = {
        (role, limit): run(as_role(admin_url, role), f"SHOW {limit}")[0][0]
        for role in ("facesvg_owner", "facesvg_service", "facesvg_reader")
        for limit in ("statement_timeout", "lock_timeout")
    }

    assert found == {
        ("facesvg_owner", "statement_timeout"): "0",
        ("facesvg_owner", "lock_timeout"): "1min",
        ("facesvg_service", "statement_timeout"): "15s",
        ("facesvg_service", "lock_timeout"): "15s",
        ("facesvg_reader", "statement_timeout"): "30s",
        ("facesvg_reader", "lock_timeout"): "5s",
    }


def test_behind_a_pooler_single_statements_have_the_limits_of_the_role(admin_url: str) -> None:
    with pooling(admin_url, ["facesvg_service"]) as pooled:
        direct = as_role(admin_url, "facesvg_service")
        variables = {"DATABASE_DIRECT_URL": direct, "DATABASE_POOLER": "true"}
        with House(pooled, **variables) as house:

            async def limit() -> object:
                async with house.cache.database.reading() as view:
                    return await (await view.raw.execute("SHOW statement_timeout")).fetchone()

            assert house.run(limit()) == ("15s",)


def test_a_second_time_changes_nothing_and_loses_nothing(admin_url: str, service: House) -> None:
    photo = Photo()
    task_id = calls.completed(service.stub, photo)

    arrange(settings(admin_url))

    assert calls.find(service.stub, photo) is not None
    assert calls.read_svg(service.stub, task_id) == calls.SVG


def test_what_was_there_before_goes_to_the_owner(server: str) -> None:
    with database(server) as url:
        with House(url) as house:
            task_id = calls.completed(house.stub)

        arrange(settings(url))

        owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        assert run(url, owners) == [("facesvg_owner",)]
        with House(as_role(url, "facesvg_service")) as house:
            assert calls.read_svg(house.stub, task_id) == calls.SVG


def test_who_owns_the_database_and_may_make_roles_need_not_be_superuser(server: str) -> None:
    with database(server) as url:
        run(url, "CREATE ROLE landlord LOGIN CREATEROLE")
        run(url, f"ALTER DATABASE {url.split('/')[3].split('?')[0]} OWNER TO landlord")
        names = {
            "DATABASE_OWNER_ROLE": "other_owner",
            "DATABASE_SERVICE_ROLE": "other_service",
            "DATABASE_READER_ROLE": "other_reader",
        }

        for _ in range(2):
            arrange(settings(as_role(url, "landlord"), **names))

        with House(as_role(url, "other_service")) as house:
            calls.completed(house.stub)
        assert run(as_role(url, "other_reader"), "SELECT drawings FROM cache_performance") == [(1,)]


def test_others_are_kept_out(admin_url: str) -> None:
    run(admin_url, "DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN")

    with pytest.raises(psycopg.OperationalError, match="CONNECT privilege"):
        run(as_role(admin_url, "stranger"), "SELECT 1")


def test_a_later_migration_needs_the_owner_and_the_service_may_use_it(admin_url: str) -> None:
    later = Migration(len(migrations()) + 1, "9999_later", "CREATE TABLE later (n integer)")
    service, owner = (as_role(admin_url, f"facesvg_{who}") for who in ("service", "owner"))

    with pytest.raises(MayNotMigrate, match="lacks 9999_later, which role facesvg_service may not"):
        migrate(service, [*migrations(), later])
    migrate(owner, [*migrations(), later])

    run(service, "INSERT INTO later VALUES (1)")
    with pytest.raises(Denied):
        run(as_role(admin_url, "facesvg_reader"), "SELECT n FROM later")


def test_a_service_on_an_empty_database_says_who_must_come_first(server: str) -> None:
    with database(server) as url:
        run(url, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
        run(url, "DROP ROLE IF EXISTS early; CREATE ROLE early LOGIN")
        run(url, "GRANT USAGE ON SCHEMA public TO early")

        done = subprocess.run(
            [sys.executable, "-m", "services.cache"],
            env={**os.environ, "DATABASE_URL": as_role(url, "early")},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    assert done.returncode == 1
    assert "role early may not run; run `python -m services.cache.migrate`" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_sets_passwords_that_no_statement_shows(server: str) -> None:
    with database(server) as url:
        variables = {"DATABASE_URL": url, "DATABASE_READER_PASSWORD": "open sesame"}
        command = [sys.executable, "-m", "services.cache.roles"]

        subprocess.run(command, env={**os.environ, **variables}, check=True, timeout=30)

        stored = "SELECT rolpassword FROM pg_authid WHERE rolname = 'facesvg_reader'"
        ((password,),) = run(url, stored)
        run(url, "ALTER ROLE facesvg_reader PASSWORD NULL")
    assert password.startswith("SCRAM-SHA-256$")
    assert "open sesame" not in repr(settings(url, **variables))


def test_every_table_of_the_schema_is_accounted_for(admin_url: str) -> None:
    tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    kinds = "relkind IN ('r', 'p', 'v') AND NOT relispartition"
    found = {name for (name,) in run(admin_url, f"{tables} AND {kinds}")}

    hidden = {"blob_chunks", "task_inputs", "likenesses", "repeat_keys", "deliveries", "erasures"}
    assert found == hidden | {*grants.READABLE, *grants.READABLE_COLUMNS}
