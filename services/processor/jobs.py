"""Drawing one task: fetch its inputs, draw, hand the result back."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from services.processor import masks

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The task is no longer this worker's: cancelled, erased, or given to another."""


class Stopped(Exception):
    """The worker is told to end."""


@dataclass(frozen=True)
class Job:
    """A task that this worker holds."""

    inputs: masks.Inputs
    options: masks.Options
    attempt: int


class Lease(Protocol):
    """A worker's hold on one task."""

    job: Job

    def progress(self, step: str, fraction: float) -> None:
        """Tell how far the work is, and keep the hold; raises `LeaseLost` or `Stopped`."""

    def complete(self, drawing: masks.Drawing) -> None:
        """Store the drawing; raises `LeaseLost`, and `DrawingTooLarge` for one that cannot be."""

    def fail(self, error: masks.MaskError | None) -> None:
        """Store a failure; raises `LeaseLost`.

        The same inputs will meet a drawing's own error again; None is a mistake of ours.
        """

    def release(self) -> None:
        """Give the task back as if it had never been taken."""


class Tasks(Protocol):
    """Where tasks come from."""

    def lease(self, task_id: str) -> AbstractContextManager[Lease | None]:
        """Take a task; None when another holds it or it is final. Raises `Stopped`."""


def draw(task_id: str, tasks: Tasks, limits: masks.Limits) -> None:
    """Draw one task. Safe to repeat: whoever comes second finds nothing to do.

    Returns normally when the task is final or another's. What is raised is worth a retry. A worker
    that is to end gives the task back at once, as if it had never been begun; whatever else cuts a
    drawing short, such as taking too long, counts as an attempt: the lease runs out.
    """
    with tasks.lease(task_id) as lease:
        if lease is None:
            logger.debug("nothing to do")
            return
        try:
            work(lease, limits)
        except LeaseLost:
            logger.info("task was taken away")
        except Stopped:
            lease.release()
            raise


def work(lease: Lease, limits: masks.Limits) -> None:
    """Draw what is held and store the outcome, good or bad."""
    job = lease.job
    began = time.perf_counter()
    logger.info("task begun", extra={"facts": {"attempt": job.attempt}})

    def progress(step: str, fraction: float) -> None:
        facts = {"step": step, "ms": elapsed_ms(began)}
        logger.debug("step begun", extra={"facts": facts})
        lease.progress(step, fraction)

    try:
        drawing = masks.draw(job.inputs, job.options, limits=limits, progress=progress)
        lease.complete(drawing)
    except masks.MaskError as error:
        logger.info("task failed", extra={"facts": {"error": str(error)}})
        lease.fail(error)
    except (LeaseLost, Stopped, OSError):
        raise
    except Exception:
        logger.exception("drawing broke")
        lease.fail(None)
    else:
        facts = {"regions": len(drawing.regions), "ms": elapsed_ms(began)}
        logger.info("task done", extra={"facts": facts})


def elapsed_ms(began: float) -> float:
    """Return the milliseconds since `began`, as a log tells them."""
    return round((time.perf_counter() - began) * 1000, 1)
