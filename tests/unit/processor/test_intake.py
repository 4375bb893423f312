"""Accepting a submission."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from services.processor import masks
from services.processor.intake import Begun, Intake, Submission
from services.processor.masks import likeness
from services.runtime.context import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.processor.masks.likeness import Likeness

FACE = Path(__file__).resolve().parents[2] / "data/faces/hopper"


@dataclass
class FakeStore:
    """Remembers what was begun; answers as told."""

    is_owner: bool = True
    begun: list[str] = field(default_factory=list)
    stranded: Mapping[str, Origin] = field(default_factory=dict)
    looks: list[Likeness | None] = field(default_factory=list)

    async def begin(
        self, task_id: str, submission: Submission, facts: masks.Facts, looks: Likeness | None
    ) -> Begun:
        self.looks.append(looks)
        assert submission.upload == "upload"
        assert facts.landmarks_count == 478
        self.begun.append(task_id)
        return Begun(is_hit=False, is_owner=self.is_owner, task=task_id, queue_depth=1)

    async def take_stranded(self) -> Mapping[str, Origin]:
        return self.stranded


@dataclass
class FakeQueue:
    """Remembers what was put; fails when it is told to be down."""

    is_down: bool = False
    ids: list[str] = field(default_factory=list)
    origins: list[Origin | None] = field(default_factory=list)

    async def put(self, task_id: str, origin: Origin | None = None) -> None:
        if self.is_down:
            raise ConnectionError
        self.ids.append(task_id)
        self.origins.append(origin)


def submission(landmarks: bytes | None = None) -> Submission:
    inputs = masks.Inputs(
        image=io.BytesIO((FACE / "photo.jpg").read_bytes()),
        landmarks=(FACE / "landmarks.json").read_bytes() if landmarks is None else landmarks,
    )
    return Submission(inputs, masks.Options(), upload="upload")


def accept(store: FakeStore, queue: FakeQueue, what: Submission | None = None) -> Begun:
    intake = Intake(store, queue, masks.Limits())
    return asyncio.run(intake.accept(what or submission()))


def test_a_new_task_is_stored_and_then_queued() -> None:
    store, queue = FakeStore(), FakeQueue()

    begun = accept(store, queue)

    assert store.begun == queue.ids == [begun.task]


def test_nobody_looks_at_a_photo_unasked() -> None:
    store = FakeStore()

    accept(store, FakeQueue())

    assert store.looks == [None]


def test_what_wants_a_similar_drawing_is_sent_with_its_looks() -> None:
    store = FakeStore()

    accept(store, FakeQueue(), replace(submission(), wants_similar=True))

    assert store.looks == [likeness.of(submission().inputs, masks.Options())]


def test_every_photo_can_be_known_by_its_looks() -> None:
    store = FakeStore()
    intake = Intake(store, FakeQueue(), masks.Limits(), knows_all=True)

    asyncio.run(intake.accept(submission()))

    assert store.looks == [likeness.of(submission().inputs, masks.Options())]


def test_a_follower_is_not_queued() -> None:
    queue = FakeQueue()

    accept(FakeStore(is_owner=False), queue)

    assert queue.ids == []


def test_a_wrong_submission_is_neither_stored_nor_queued() -> None:
    store, queue = FakeStore(), FakeQueue()

    with pytest.raises(masks.LandmarkCount, match="found 1"):
        accept(store, queue, submission(b"[[10, 10]]"))

    assert (store.begun, queue.ids) == ([], [])


def test_a_task_is_accepted_even_when_the_queue_is_down() -> None:
    begun = accept(FakeStore(), FakeQueue(is_down=True))

    assert begun.is_owner


def test_stranded_tasks_are_queued_again_with_the_call_that_brought_them() -> None:
    queue, stranded = FakeQueue(), {"a": Origin("req-1", "00-1-2-01"), "b": Origin()}
    intake = Intake(FakeStore(stranded=stranded), queue, masks.Limits())

    count = asyncio.run(intake.requeue_stranded())

    assert (count, queue.ids) == (2, ["a", "b"])
    assert queue.origins == [*stranded.values()]
