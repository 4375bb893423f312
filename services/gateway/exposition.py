"""Metrics of several services on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client.samples import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOVED = {"service": "exported_service", "instance": "exported_instance"}
"""Where a series' own labels of these names go, as Prometheus does when it scrapes."""


class Source(NamedTuple):
    """Whose page it is; `instance` where a service has several."""

    service: str
    instance: str = ""

    def __str__(self) -> str:
        return f"{self.service} {self.instance}".strip()


def merged(pages: Mapping[Source, bytes | None]) -> bytes:
    """Return one page in Prometheus' text format out of each source's own.

    Each family stands once, each series says its service. A source without a page (None) becomes a
    comment: the others' figures are still right.
    """
    silent = [f"# {source} does not answer\n" for source, page in pages.items() if page is None]
    families: dict[str, Metric] = {}
    for source, page in pages.items():
        for family in text_string_to_metric_families((page or b"").decode()):
            known = families.setdefault(
                family.name, Metric(family.name, family.documentation, family.type)
            )
            if known.type != family.type:
                known.type = "unknown"
            known.samples.extend(labelled(family.samples, source))
    return generate_latest(Families(families.values())) + "".join(silent).encode()


def labelled(samples: Iterable[Sample], source: Source) -> Iterator[Sample]:
    """Yield the samples with where they come from."""
    own = {name: value for name, value in source._asdict().items() if value}
    for sample in samples:
        kept = {MOVED.get(name, name): value for name, value in sample.labels.items()}
        yield sample._replace(labels={**kept, **own})


class Families(Collector):
    """Families that are there already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self._families
