"""What a page of metrics says, and what grew between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Labels = frozenset[tuple[str, str]]
    Series = Mapping[Labels, float]


@dataclass(frozen=True)
class Samples:
    """Every series of one page, by name."""

    named: Mapping[str, Series]

    @classmethod
    def parsed(cls, page: str) -> Samples:
        """Read Prometheus' text format; raises `ValueError` for anything else."""
        named: dict[str, dict[Labels, float]] = {}
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                labels = frozenset(sample.labels.items())
                named.setdefault(sample.name, {})[labels] = sample.value
        return cls(named)

    def since(self, earlier: Samples) -> Samples:
        """Return how much each series has grown; one that shrank began anew, as counters do."""
        return Samples(
            {
                name: {
                    labels: grown(earlier.named.get(name, {}).get(labels, 0.0), value)
                    for labels, value in series.items()
                }
                for name, series in self.named.items()
            }
        )

    def each(self, name: str, **labels: str) -> Iterator[tuple[dict[str, str], float]]:
        """Yield the series of a name that have these labels, among others."""
        for own, value in self.named.get(name, {}).items():
            if labels.items() <= dict(own).items():
                yield dict(own), value

    def total(self, name: str, **labels: str) -> float:
        """Return their sum; 0 where there are none."""
        return sum(value for _, value in self.each(name, **labels))

    def by(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """Return sums by the values of some labels."""
        sums: dict[tuple[str, ...], float] = {}
        for own, value in self.each(name):
            key = tuple(own.get(label, "") for label in labels)
            sums[key] = sums.get(key, 0.0) + value
        return sums

    def quantile(self, share: float, histogram: str, **labels: str) -> float | None:
        """Return the value below which this share of what was observed lies; None of nothing."""
        counts: dict[float, float] = {}
        for own, count in self.each(f"{histogram}_bucket", **labels):
            bound = float(own["le"])
            counts[bound] = counts.get(bound, 0.0) + count
        return quantile(share, counts)


def grown(before: float, after: float) -> float:
    """Return how much was counted between two looks at a counter.

    >>> grown(3, 5), grown(100, 2)
    (2, 2)
    """
    return after - before if after >= before else after


def quantile(share: float, counts: Mapping[float, float]) -> float | None:
    """Return a quantile of cumulated counts by upper bound, as Prometheus guesses it.

    Evenly spread within a bucket; beyond the last finite bound it is that bound.

    >>> quantile(0.5, {1: 0, 2: 10, inf: 10})
    1.5
    """
    total = counts.get(inf, 0.0)
    if not total:
        return None
    wanted = share * total
    for (low, below), (high, reached) in pairwise([(0.0, 0.0), *sorted(counts.items())]):
        if reached >= wanted and reached > below:
            return low if high == inf else low + (high - low) * (wanted - below) / (reached - below)
    return None
