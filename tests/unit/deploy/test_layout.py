from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from deploy.local import account, postgres, tools
from deploy.local.account import Account
from deploy.local.errors import MissingTool, StackError
from deploy.local.layout import Layout

SOMEONE = Account("nobody", 65534, 65534)


def test_socket_lies_in_its_directory_where_the_path_is_short() -> None:
    directory = Path("/srv/facesvg")

    assert Layout(directory).socket(directory, "redis.sock") == directory / "redis.sock"


def test_socket_of_a_long_path_lies_in_a_private_directory(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()

    socket = Layout(deep).socket(deep, "redis.sock")

    assert socket.parent.parent == Path(tempfile.gettempdir())
    assert socket.parent.stat().st_mode & 0o077 == 0
    assert Layout(deep).socket(deep, "redis.sock") == socket
    socket.parent.rmdir()


def test_closed_directory_keeps_other_accounts_out(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()

    tmp_path.chmod(0o700)
    assert not account.is_open(inner)


def test_postgres_of_an_ordinary_user_lies_in_the_root(tmp_path: Path) -> None:
    assert postgres.home_of(Layout(tmp_path), None) == tmp_path / "postgres"


def test_postgres_of_root_lies_where_its_account_can_go(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    home = postgres.home_of(Layout(tmp_path), SOMEONE)

    assert home.parent == postgres.ELSEWHERE


def test_ordinary_user_needs_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert account.unprivileged() is None


def test_root_uses_an_account_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "CANDIDATES", ("no such account", "nobody"))

    chosen = account.unprivileged()

    assert chosen is not None
    assert chosen.name == "nobody"
    assert chosen.uid != 0


def test_root_without_such_an_account_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "CANDIDATES", ("no such account",))

    with pytest.raises(StackError, match="useradd --system postgres"):
        account.unprivileged()


def test_missing_redis_is_one_sentence_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(tools, "find_spec", lambda _: None)

    with pytest.raises(MissingTool, match=r"no redis-server on this machine; install one"):
        tools.redis()


def test_redis_of_a_wheel_serves_where_the_machine_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")

    assert os.access(tools.redis(), os.X_OK)


def test_programs_are_copied_with_their_libraries_to_where_the_account_can_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "closed" / "package" / "pginstall"
    (programs / "bin").mkdir(parents=True)
    (programs / "bin" / "postgres").touch(mode=0o700)
    (tmp_path / "closed" / "package.libs").mkdir(mode=0o700)
    (tmp_path / "closed" / "package.libs" / "libpq.so").touch(mode=0o600)
    (tmp_path / "closed").chmod(0o700)
    monkeypatch.setattr(postgres, "ELSEWHERE", tmp_path / "open")

    copy = postgres.reachable(programs, SOMEONE)

    # Where the programs look for their libraries.
    library = copy / "bin" / ".." / ".." / ".." / "package.libs" / "libpq.so"
    assert library.resolve().stat().st_mode & 0o004
    assert (copy / "bin" / "postgres").stat().st_mode & 0o005 == 0o005
    assert postgres.reachable(programs, SOMEONE) == copy
