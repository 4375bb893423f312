from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.gateway.access.settings import AccessSettings, guards
from services.runtime.settings import Env, SettingError

if TYPE_CHECKING:
    from pathlib import Path

LINE = "ana sha256=" + "9f" * 32


def checked(**variables: str) -> bool:
    settings = AccessSettings.from_env(Env(variables))
    assert bool(guards(settings)) == settings.is_checked
    return settings.is_checked


def test_keys_are_not_asked_for_on_this_machine_alone() -> None:
    assert not checked()
    assert not checked(API_HOST="localhost", GATEWAY_HOST="::1")


@pytest.mark.parametrize("variable", ["API_HOST", "GATEWAY_HOST"])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "faces.example.com"])  # noqa: S104
def test_a_suite_that_listens_further_does_not_start_without_keys(variable: str, host: str) -> None:
    with pytest.raises(SettingError) as caught:
        checked(**{variable: host})

    told = str(caught.value)
    assert host in told
    assert "AUTH=off" in told
    assert "python -m services.gateway.keys new" in told


def test_the_door_is_what_counts() -> None:
    """A gateway in a container listens for the door alone."""
    assert not checked(API_HOST="127.0.0.1", GATEWAY_HOST="0.0.0.0")  # noqa: S104


def test_everybody_may_be_let_in_on_purpose() -> None:
    assert not checked(AUTH="off", API_HOST="0.0.0.0")  # noqa: S104
    assert not checked(AUTH="off", API_KEYS=LINE)


def test_keys_that_are_there_are_asked_for_everywhere() -> None:
    assert checked(API_KEYS=LINE)
    assert checked(API_KEYS=f"{LINE};bea sha256={'00' * 32}", API_HOST="0.0.0.0")  # noqa: S104


def test_keys_may_be_demanded() -> None:
    with pytest.raises(SettingError, match="AUTH='keys'"):
        checked(AUTH="keys")


def test_tokens_are_enough() -> None:
    assert checked(API_HOST="0.0.0.0", JWT_JWKS_FILE="jwks.json")  # noqa: S104


def test_a_file_of_keys_is_read_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    with pytest.raises(SettingError, match="API_KEYS_FILE"):
        checked(API_KEYS_FILE=str(file))

    file.write_text(LINE)
    assert checked(API_KEYS_FILE=str(file))


def test_a_key_in_the_place_of_a_list_is_not_repeated() -> None:
    with pytest.raises(SettingError) as caught:
        checked(API_KEYS="facesvg_secret-secret-secret")

    assert "facesvg_secret-secret-secret" not in str(caught.value)
