"""Drawing many photos, some at once, and what came of each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from facesvg_client.cli import pairs, printing
from facesvg_client.cli.single import report
from facesvg_client.errors import FacesvgError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from facesvg_client import Client, Drawing
    from facesvg_client.cli.pairs import Pair

LISTED = 30
"""Drawings that are listed one by one; of more only the counts are of use."""


@dataclass
class Batch:
    """Photos to be drawn, then what came of them."""

    client: Client
    options: Mapping[str, Any]
    jobs: int
    force: bool
    as_json: bool
    waiting: list[Pair] = field(default_factory=list)
    skipped: list[Pair] = field(default_factory=list)
    drawn: list[tuple[Pair, Drawing]] = field(default_factory=list)
    failures: list[tuple[Path, str, str]] = field(default_factory=list)

    def take(
        self,
        photo: Path,
        landmarks: Path | None,
        segmentation_map: Path | None,
        into: Path | None,
    ) -> None:
        """Take a photo in: to be drawn, drawn already, or without its landmarks."""
        try:
            pair = pairs.pair(photo, landmarks, segmentation_map, into)
        except pairs.NotPaired as error:
            self._fail(photo, "NOT_PAIRED", str(error))
            return
        if pair.is_drawn and not self.force:
            self.skipped.append(pair)
        else:
            self.waiting.append(pair)

    def run(self) -> None:
        """Draw what waits. Interrupted, it ends at once; what is written is whole."""
        columns = (
            TextColumn("{task.description}"),
            printing.bar(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        shown = Progress(
            *columns,
            console=printing.notes,
            transient=True,
            disable=not printing.notes.is_terminal,
        )
        pool = ThreadPoolExecutor(self.jobs)
        try:
            with shown:
                bar = shown.add_task("drawing", total=len(self.waiting))
                begun = {pool.submit(self._draw, pair): pair for pair in self.waiting}
                for future in as_completed(begun):
                    self._note(begun[future], future.exception(), future)
                    shown.advance(bar)
        except BaseException:
            self.client.close()  # what is under way ends
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def summarize(self) -> None:
        """Print what came of each photo, or how many of each, and every failure."""
        if 0 < len(self.drawn) <= LISTED:
            printing.table(
                ("drawing", "#regions", "#ms", "cache"),
                (
                    (
                        pair.drawing,
                        len(drawing.regions),
                        drawing.processing_time_ms,
                        drawing.cache_match.lower() or "-",
                    )
                    for pair, drawing in sorted(self.drawn, key=lambda done: done[0].drawing)
                ),
            )
        if self.failures:
            printing.table(("not drawn", "reason", "why"), sorted(self.failures))
        hits = sum(drawing.cache_hit for _, drawing in self.drawn)
        printing.out.print(
            f"{len(self.drawn)} drawn ({hits} from the cache), "
            f"{len(self.skipped)} drawn before, {len(self.failures)} failed",
            highlight=False,
        )

    def _draw(self, pair: Pair) -> Drawing:
        drawing = self.client.draw(
            pair.photo, pair.landmarks, pair.segmentation_map, **self.options
        )
        drawing.save(pair.drawing)
        return drawing

    def _note(self, pair: Pair, error: BaseException | None, future: Any) -> None:
        if isinstance(error, FacesvgError):
            self._fail(pair.photo, error.reason or error.code, error.message)
        elif isinstance(error, OSError):
            self._fail(pair.photo, "FILE", str(error))
        elif error is not None:
            raise error
        else:
            drawing = future.result()
            self.drawn.append((pair, drawing))
            if self.as_json:
                printing.record(report(pair, drawing))

    def _fail(self, photo: Path, reason: str, message: str) -> None:
        self.failures.append((photo, reason, message))
        if self.as_json:
            printing.record({"photo": str(photo), "error": {"type": reason, "message": message}})
