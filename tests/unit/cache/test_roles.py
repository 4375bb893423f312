"""Settings of the roles."""

from __future__ import annotations

import pytest

from services.cache.roles import RoleSettings
from services.runtime.settings import Env, SettingError


def test_names_are_those_of_the_house() -> None:
    roles = RoleSettings.from_env(Env({})).roles

    assert (roles.owner, roles.service) == ("facesvg_owner", "facesvg_service")
    assert roles.reader == "facesvg_reader"


@pytest.mark.parametrize("name", ["Ada", "ada-1", "1ada", 'ada"; DROP', "a" * 64])
def test_a_name_that_no_role_should_have_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="DATABASE_SERVICE_ROLE="):
        RoleSettings.from_env(Env({"DATABASE_SERVICE_ROLE": name}))


def test_three_roles_are_three() -> None:
    with pytest.raises(SettingError, match="DATABASE_READER_ROLE='ada'"):
        RoleSettings.from_env(Env({"DATABASE_READER_ROLE": "ada", "DATABASE_OWNER_ROLE": "ada"}))
