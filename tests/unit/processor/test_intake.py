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
    keeps_all: bool = False
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


@pytest.mark.parametrize(
    ("options", "wants_similar", "knows_all", "keeps_all", "lacks"),
    [
        (masks.Options(), False, False, False, False),
        (masks.Options(embed_image=True), False, False, False, True),
        (masks.Options(), True, False, False, True),
        (masks.Options(), False, True, False, True),
        (masks.Options(), False, False, True, True),
    ],
    ids=["drawn", "embedded", "compared", "compared later", "kept"],
)
def test_a_photos_header_is_enough_unless_its_pixels_are_looked_at(
    options: masks.Options, wants_similar: bool, knows_all: bool, keeps_all: bool, lacks: bool
) -> None:
    whole = replace(submission(), options=options, wants_similar=wants_similar)
    known = masks.check(whole.inputs, masks.Options()).photo
    header_alone = replace(whole, inputs=replace(whole.inputs, image=io.BytesIO(), photo=known))
    store = FakeStore(keeps_all=keeps_all)
    intake = Intake(store, FakeQueue(), masks.Limits(), knows_all=knows_all)

    assert intake.lacks_image(header_alone) == lacks
    assert not intake.lacks_image(whole)


def test_a_photo_of_which_only_the_header_came_is_accepted() -> None:
    known = masks.check(submission().inputs, masks.Options()).photo
    inputs = replace(submission().inputs, image=io.BytesIO(), photo=known)
    store, queue = FakeStore(), FakeQueue()

    accept(store, queue, replace(submission(), inputs=inputs))

    assert store.begun == queue.ids


def test_a_header_of_too_many_pixels_is_refused() -> None:
    known = masks.check(submission().inputs, masks.Options()).photo
    huge = replace(submission().inputs, photo=replace(known, width=20_000, height=20_000))

    with pytest.raises(masks.TooManyPixels, match="20000x20000"):
        accept(FakeStore(), FakeQueue(), replace(submission(), inputs=huge))


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
