from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.gateway.access.keyring import FileKeyring, KeyFileError, Keyring
from services.gateway.access.keys import digest_of, parsed

if TYPE_CHECKING:
    from pathlib import Path


def line(name: str, secret: str) -> str:
    return f"{name} sha256={digest_of(secret).hex()}\n"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def names(keyring: Keyring, *secrets: str) -> list[str | None]:
    return [key.name if (key := keyring.find(secret)) else None for secret in secrets]


def test_several_keys_are_valid_at_once() -> None:
    keyring = Keyring(parsed(line("ana", "one") + line("bea", "two")))

    assert names(keyring, "one", "two", "three", "") == ["ana", "bea", None, None]


def test_a_changed_file_is_read_again(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "keys"
    file.write_text(line("ana", "one"))
    keyring = FileKeyring(file, clock)

    file.write_text(line("ana", "new") + line("bea", "two"))
    clock.now += 2

    assert names(keyring, "one", "new", "two") == [None, "ana", "bea"]


def test_the_file_is_not_looked_at_for_every_call(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "keys"
    file.write_text(line("ana", "one"))
    keyring = FileKeyring(file, clock)

    file.write_text(line("ana", "new and longer"))

    assert names(keyring, "one") == ["ana"]


@pytest.mark.parametrize("broken", ["ana sha256=not", None])
def test_a_file_that_is_broken_later_leaves_the_keys_as_they_were(
    tmp_path: Path, clock: Clock, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "keys"
    file.write_text(line("ana", "one"))
    keyring = FileKeyring(file, clock)

    file.unlink() if broken is None else file.write_text(broken)
    clock.now += 2

    assert names(keyring, "one") == ["ana"]
    assert "keys not read again" in caplog.text


@pytest.mark.parametrize("content", ["ana sha256=not", None])
def test_a_file_that_is_broken_at_the_start_is_an_error(
    tmp_path: Path, clock: Clock, content: str | None
) -> None:
    file = tmp_path / "keys"
    if content:
        file.write_text(content)

    with pytest.raises(KeyFileError, match="keys"):
        FileKeyring(file, clock)
