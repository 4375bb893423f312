"""Settings of the cache."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.cache.policy import MIB
from services.cache.settings import Settings
from services.runtime.settings import Env, SettingError


def settings(**variables: str) -> Settings:
    return Settings.from_env(Env(variables))


def test_defaults_are_those_of_the_house() -> None:
    policy = settings().policy

    assert policy.result_ttl == timedelta(hours=24)
    assert policy.error_ttl == timedelta(minutes=10)
    assert policy.max_bytes == 1000 * MIB
    assert policy.queue_limit == 1000
    assert policy.max_attempts == 3
    assert policy.stranded_after == timedelta(seconds=10)
    assert not policy.keeps_inputs


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_scheme_is_accepted(scheme: str) -> None:
    found = settings(DATABASE_URL=f"{scheme}://ada:secret@host:5433/faces?sslmode=require")

    assert found.database.drivername == "postgresql+psycopg"
    assert found.dsn == "postgresql://ada:secret@host:5433/faces?sslmode=require"


def test_a_socket_is_accepted() -> None:
    found = settings(DATABASE_URL="postgresql://ada@/faces?host=/run/postgres")

    assert found.dsn == "postgresql://ada@/faces?host=%2Frun%2Fpostgres"


@pytest.mark.parametrize("url", ["mysql://ada:secret@host/faces", "faces", "postgresql//host"])
def test_another_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingError, match="DATABASE_URL=") as refused:
        settings(DATABASE_URL=url)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CACHE_TTL_HOURS", "0"),
        ("CACHE_MAX_SIZE_MB", "0"),
        ("CACHE_CLEANUP_INTERVAL", "0"),
        ("QUEUE_LIMIT", "-1"),
        ("TASK_MAX_ATTEMPTS", "0"),
        ("SQLALCHEMY_POOL_SIZE", "many"),
        ("DEBUG_SQL", "perhaps"),
    ],
)
def test_a_value_that_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name}='{value}'"):
        settings(**{name: value})


def test_all_is_read_and_written_at_one_place_unless_told_otherwise() -> None:
    found = settings(DATABASE_URL="postgresql://ada@host/faces")

    assert found.direct == found.replica == found.database
    assert not found.is_pooled


def test_sessions_of_their_own_go_past_the_pooler() -> None:
    found = settings(
        DATABASE_URL="postgresql://ada@pooler/faces",
        DATABASE_DIRECT_URL="postgresql://ada@host/faces",
        DATABASE_READ_URL="postgresql://ada@replica/faces",
        DATABASE_POOLER="true",
    )

    assert found.dsn == "postgresql://ada@host/faces"
    assert (found.database.host, found.replica.host) == ("pooler", "replica")


def test_a_pooler_without_a_way_past_it_is_refused() -> None:
    with pytest.raises(SettingError, match="DATABASE_DIRECT_URL='' is not a URL that leads past"):
        settings(DATABASE_URL="postgresql://ada@pooler/faces", DATABASE_POOLER="true")


@pytest.mark.parametrize("name", ["DATABASE_DIRECT_URL", "DATABASE_READ_URL"])
def test_a_wrong_url_is_named_by_its_variable(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name}="):
        settings(**{name: "mysql://ada:secret@host/faces"})
