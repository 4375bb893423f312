from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.local import services
from deploy.local.ports import Ports
from deploy.local.settings import Settings, dotenv
from services.runtime.settings import SettingError

if TYPE_CHECKING:
    from pathlib import Path


def test_file_of_variables_is_read_as_compose_reads_it(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(
        "# a comment\n\nAPI_PORT=8100\nexport LOG_LEVEL = DEBUG # loud\n"
        "DATABASE_URL='postgresql://u:p#w@host/db'\nEMPTY=\nno assignment\n"
    )

    assert dotenv(path) == {
        "API_PORT": "8100",
        "LOG_LEVEL": "DEBUG",
        "DATABASE_URL": "postgresql://u:p#w@host/db",
        "EMPTY": "",
    }


def test_missing_file_has_no_variables(tmp_path: Path) -> None:
    assert dotenv(tmp_path / ".env") == {}


def test_bad_value_names_its_variable() -> None:
    with pytest.raises(SettingError, match="WORKER_PROCESSES='0'"):
        Settings.from_env({"WORKER_PROCESSES": "0"})


def test_settings_are_passed_on_to_every_part() -> None:
    settings = Settings.from_env({"CACHE_TTL_HOURS": "1", "MALLOC_ARENA_MAX": "4"})

    told = services.environment(settings)

    assert told["CACHE_TTL_HOURS"] == "1"
    assert told["MALLOC_ARENA_MAX"] == "4"
    assert told["OPENBLAS_NUM_THREADS"] == "1"


def test_pixel_limit_reaches_opencv_before_it_is_loaded() -> None:
    told = services.environment(Settings.from_env({"MAX_IMAGE_MEGAPIXELS": "12.5"}))

    assert told["OPENCV_IO_MAX_IMAGE_PIXELS"] == "12500000"


def test_services_find_each_other_on_the_chosen_ports() -> None:
    settings = Settings.from_env({}).on(Ports(cache_port=50153))

    told = services.addresses(settings, "postgresql://x", "redis://x")

    assert told["CACHE_ADDRESS"] == "127.0.0.1:50153"
    assert told["CACHE_PORT"] == "50153"
    assert told["DATABASE_URL"] == "postgresql://x"


def test_parts_are_killed_only_after_the_time_that_their_calls_get() -> None:
    settings = Settings.from_env({"SHUTDOWN_GRACE_SECONDS": "90"})

    assert all(part.grace > 90 for part in services.plan(settings, "redis://x"))
