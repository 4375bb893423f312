"""Fakes of what the processor's use cases need."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from services.processor import masks
from services.processor.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

FACE = Path(__file__).resolve().parents[2] / "data/faces/hopper"


def job(landmarks: bytes | None = None) -> Job:
    inputs = masks.Inputs(
        image=io.BytesIO((FACE / "photo.jpg").read_bytes()),
        landmarks=(FACE / "landmarks.json").read_bytes() if landmarks is None else landmarks,
    )
    return Job(inputs, masks.Options(), attempt=1)


@dataclass
class FakeTasks:
    """Holds one task; remembers what became of it."""

    job: Job | None = field(default_factory=job)
    progress_raises: BaseException | None = None
    steps: list[str] = field(default_factory=list)
    outcome: object = None

    @contextmanager
    def lease(self, task_id: str) -> Iterator[FakeTasks | None]:
        assert task_id == "7"
        yield self if self.job else None

    def progress(self, step: str, fraction: float) -> None:
        assert 0 <= fraction <= 1
        self.steps.append(step)
        if self.progress_raises:
            raise self.progress_raises

    def complete(self, drawing: masks.Drawing) -> None:
        self.outcome = drawing

    def fail(self, error: masks.MaskError | None) -> None:
        self.outcome = error

    def release(self) -> None:
        self.outcome = "released"
