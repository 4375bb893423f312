from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from deploy.local import keeper as keepers
from deploy.local.errors import StackError
from deploy.local.keeper import CRASHED, READY, STARTING, STOPPED, WAITING, Keeper
from deploy.local.layout import Layout
from deploy.local.part import Part
from deploy.local.processes import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    layout.create()
    return layout


@pytest.fixture
def kept(layout: Layout) -> Iterator[Callable[..., Keeper]]:
    made = []

    def keep(program: str = "import time; time.sleep(60)", **options: Any) -> Keeper:
        command = (sys.executable, "-c", program)
        part = Part("part", command, **({"answers": lambda _: True} | options))
        made.append(Keeper(part, layout, os.environ))
        return made[-1]

    yield keep
    for keeper in made:
        keeper.stop()


def every(_: str) -> bool:
    return True


def until(keeper: Keeper, state: str) -> None:
    deadline = time.monotonic() + 10
    while keeper.state != state:
        assert time.monotonic() < deadline, keeper.state
        keeper.advance(every)
        time.sleep(0.01)


def test_part_is_ready_once_it_answers(kept: Callable[..., Keeper]) -> None:
    answers = iter([False, True])
    keeper = kept(answers=lambda _: next(answers))

    keeper.start()
    seen = []
    for _ in range(3):
        keeper.advance(every)
        seen.append(keeper.state)

    assert seen == [STARTING, STARTING, READY]


def test_part_waits_for_what_it_needs(kept: Callable[..., Keeper]) -> None:
    keeper = kept(needs=("postgres",))

    keeper.start()
    keeper.advance(lambda name: name != "postgres")

    assert keeper.state == WAITING
    assert keeper.process is None


def test_crashed_part_comes_back(
    kept: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "FIRST_PAUSE", 0.01)
    keeper = kept()
    keeper.start()
    until(keeper, READY)
    first = keeper.process

    keeper.kill()
    until(keeper, CRASHED)
    until(keeper, READY)

    assert keeper.crashes == 1
    assert keeper.process != first


def test_pauses_grow_with_every_crash(kept: Callable[..., Keeper]) -> None:
    keeper = kept()

    pauses = []
    for crashes in (1, 2, 3, 20):
        keeper.crashes = crashes
        pauses.append(keeper._pause)

    assert pauses == [0.5, 1.0, 2.0, 30.0]


def test_part_that_never_answers_counts_as_crashed(
    kept: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "PATIENCE", 0.05)
    keeper = kept(answers=lambda _: False)

    keeper.start()
    until(keeper, CRASHED)

    assert not keeper.is_alive


def test_process_of_an_earlier_supervisor_is_taken_over(kept: Callable[..., Keeper]) -> None:
    before = kept()
    before.start()
    until(before, READY)
    after = kept()

    after.adopt(before.process or Identity(0, 0.0))
    until(after, READY)

    assert after.process == before.process


def test_stop_is_safe_to_repeat(kept: Callable[..., Keeper]) -> None:
    keeper = kept()
    keeper.start()
    until(keeper, READY)

    keeper.stop()
    keeper.stop()

    assert keeper.state == STOPPED
    assert not keeper.is_alive


def test_part_is_prepared_once(kept: Callable[..., Keeper]) -> None:
    prepared = []
    keeper = kept(prepare=lambda: prepared.append(1))

    for _ in range(2):
        keeper.start()
        until(keeper, READY)
        keeper.stop()

    assert prepared == [1]


def test_part_that_cannot_be_prepared_counts_as_crashed(
    kept: Callable[..., Keeper], layout: Layout
) -> None:
    def fail() -> None:
        raise StackError("initdb failed: no space left")

    keeper = kept(prepare=fail)
    keeper.start()
    until(keeper, CRASHED)

    assert layout.log("part").read_text() == "initdb failed: no space left\n"
