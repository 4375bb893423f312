"""What was saved is served from an empty Postgres it was restored into."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from fixtures.postgres import database
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import House

from deploy.backup.dump import BackupError, Programs, restore, save
from deploy.local import tools

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def programs() -> Programs:
    return Programs(tools.postgres() / "bin")


@pytest.fixture
def other_url(postgres_server: str) -> Iterator[str]:
    """Return the URL of a second empty database."""
    with database(postgres_server) as url:
        yield url


def test_hits_are_served_from_a_restored_database(
    house: House, other_url: str, programs: Programs, tmp_path: Path
) -> None:
    done, waiting = Photo(image=calls.noise(300_000)), Photo()
    task_id = calls.completed(house.stub, done)
    waiting_id = calls.begun(house.stub, waiting)
    file = tmp_path / "facesvg.dump"

    save(programs, {"DATABASE_URL": house.url}, file)
    restore(programs, {"DATABASE_URL": other_url}, file)

    with House(other_url) as restored:
        found = calls.find(restored.stub, done)
        assert found is not None
        assert found.task_id == task_id
        assert calls.got(restored.stub, task_id) == calls.got(house.stub, task_id)
        # What waited is drawn there, from the inputs that came with it.
        calls.leased(restored.stub, waiting_id)
        # And it goes on: new photos have their place.
        calls.completed(restored.stub, Photo())


def test_a_backup_is_for_its_owner_alone(house: House, programs: Programs, tmp_path: Path) -> None:
    file = tmp_path / "facesvg.dump"

    save(programs, {"DATABASE_URL": house.url}, file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["facesvg.dump"]


def test_a_database_in_use_is_not_overwritten(
    house: House, programs: Programs, tmp_path: Path
) -> None:
    file = tmp_path / "facesvg.dump"
    save(programs, {"DATABASE_URL": house.url}, file)

    with pytest.raises(BackupError, match="restore into an empty one"):
        restore(programs, {"DATABASE_URL": house.url}, file)


def test_half_a_backup_restores_nothing(
    house: House, other_url: str, programs: Programs, tmp_path: Path
) -> None:
    calls.completed(house.stub, Photo(image=calls.noise(300_000)))
    file = tmp_path / "facesvg.dump"
    save(programs, {"DATABASE_URL": house.url}, file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    with pytest.raises(BackupError):
        restore(programs, {"DATABASE_URL": other_url}, file)

    with House(other_url) as empty:
        assert empty.sql("SELECT count(*) FROM task_results") == [(0,)]


def test_a_failed_save_leaves_the_last_backup(programs: Programs, tmp_path: Path) -> None:
    file = tmp_path / "facesvg.dump"
    file.write_text("the last one")

    with pytest.raises(BackupError, match="nowhere"):
        save(programs, {"DATABASE_URL": "postgresql://a@/b?host=/nowhere"}, file)

    assert file.read_text() == "the last one"
    assert [path.name for path in tmp_path.iterdir()] == ["facesvg.dump"]
