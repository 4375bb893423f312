from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.local import logs
from deploy.local.layout import Layout

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    layout.create()
    return layout


def test_lines_of_all_parts_are_in_order_of_time(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.log("cache").write_text('{"time": "2026-01-01T10:00:02.5+00:00", "message": "third"}\n')
    layout.log("postgres").write_text(
        "2026-01-01 10:00:00.100 UTC [1] LOG:  first\n  its second line\n"
        "2026-01-01 10:00:03,000 UTC [1] LOG:  fourth\n"
    )

    logs.show(layout, (), lines=10, follow=False)

    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown] == ["postgres", "postgres", "cache", "postgres"]
    assert "its second line" in shown[1]


def test_only_the_last_lines_of_the_named_parts_are_shown(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    layout.log("cache").write_text("one\ntwo\nthree\n")
    layout.log("gateway").write_text("other\n")

    logs.show(layout, ("cache",), lines=2, follow=False)

    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["two", "three"]


def test_half_a_line_waits_for_its_end(layout: Layout) -> None:
    reader = logs.Reader(layout, "cache")
    layout.log("cache").write_text("whole\nhal")

    first = [line.text for line in reader.read()]
    layout.log("cache").write_text("whole\nhalf\n")
    second = [line.text for line in reader.read()]

    assert (first, second) == (["whole"], ["half"])


def test_log_that_began_anew_is_read_anew(layout: Layout) -> None:
    reader = logs.Reader(layout, "cache")
    layout.log("cache").write_text("before it was put aside\n")
    list(reader.read())

    layout.log("cache").write_text("after\n")

    assert [line.text for line in reader.read()] == ["after"]
