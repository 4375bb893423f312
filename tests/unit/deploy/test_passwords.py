"""Secrets of compose are made once, and never half."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.compose import passwords
from services.gateway.access.keys import digest_of, parsed

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_there_stays(tmp_path: Path) -> None:
    passwords.made(tmp_path, passwords.postgres())
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}

    told = passwords.made(tmp_path, passwords.postgres())

    assert told == "postgres_password and database_url: was there"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before


def test_half_of_a_pair_is_not_made_anew(tmp_path: Path) -> None:
    passwords.made(tmp_path, passwords.redis())
    (tmp_path / "redis_url").unlink()

    with pytest.raises(SystemExit, match="lacks redis_url, but has redis_users"):
        passwords.made(tmp_path, passwords.redis())


def test_the_operator_has_the_key_of_the_file() -> None:
    files = passwords.keys()

    key = parsed(files["api_keys"])[0]
    assert key.digest == digest_of(files["api_key"].strip())
    assert key.scopes == {"draw", "admin"}


def test_the_accounts_of_the_containers_can_read_them(tmp_path: Path) -> None:
    passwords.made(tmp_path, passwords.grafana())

    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o644}
