"""Metrics of several services on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client.samples import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LABEL = "service"
MOVED = "exported_service"
"""Where a series' own `service` label goes, as Prometheus does when it scrapes."""


def merged(pages: Mapping[str, bytes | None]) -> bytes:
    """Return one page in Prometheus' text format out of each service's own.

    Each family stands once, each series says its service. A service without a page (None) becomes a
    comment: the others' figures are still right.
    """
    silent = [f"# {service} does not answer\n" for service, page in pages.items() if page is None]
    families: dict[str, Metric] = {}
    for service, page in pages.items():
        for family in text_string_to_metric_families((page or b"").decode()):
            known = families.setdefault(
                family.name, Metric(family.name, family.documentation, family.type)
            )
            if known.type != family.type:
                known.type = "unknown"
            known.samples.extend(labelled(family.samples, service))
    return generate_latest(Families(families.values())) + "".join(silent).encode()


def labelled(samples: Iterable[Sample], service: str) -> Iterator[Sample]:
    """Yield the samples with the service they come from."""
    for sample in samples:
        labels = dict(sample.labels)
        if LABEL in labels:
            labels[MOVED] = labels.pop(LABEL)
        yield sample._replace(labels={**labels, LABEL: service})


class Families(Collector):
    """Families that are there already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self._families
