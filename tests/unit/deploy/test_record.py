from __future__ import annotations

import os
from typing import TYPE_CHECKING

from deploy.local import record
from deploy.local.processes import Identity
from deploy.local.record import Entry, Record

if TYPE_CHECKING:
    from pathlib import Path


def entry(process: Identity | None) -> Entry:
    return Entry("ready", 12.5, "127.0.0.1:50053", 15, 30.0, process, 1)


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    whole = Record(Identity(7, 1.25), {"API_PORT": "8000"}, {"cache": entry(Identity(8, 2.5))})

    record.write(tmp_path / "stack.json", whole)

    assert record.read(tmp_path / "stack.json") == whole


def test_record_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"

    record.write(path, Record())

    assert path.stat().st_mode & 0o077 == 0


def test_missing_or_damaged_record_is_empty(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.json"
    damaged.write_text('{"supervisor": {"pid"')

    assert record.read(tmp_path / "missing.json") == record.read(damaged) == Record()


def test_stack_is_up_while_any_part_lives() -> None:
    ours = Identity.of(os.getpid())

    assert Record(parts={"cache": entry(ours)}).is_up
    assert not Record(parts={"cache": entry(Identity(ours.pid, 0.0))}).is_up
    assert not Record(supervisor=Identity(ours.pid, 0.0)).is_supervised
