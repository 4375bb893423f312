"""Looks at a suite through its door, again and again, and tells what it saw."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from deploy.local.errors import StackError
from deploy.local.rest import Refused
from deploy.monitor.figures import Figures, between
from deploy.monitor.samples import Samples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploy.local.rest import Rest

RECENT = "/api/v1/cache/recent?limit=10"
WORKER = "worker"
ORDER = ("gateway", "processor", "cache", WORKER)
"""From the door to where the work ends."""

HEALTHY = "healthy"


class NotASuite(StackError):
    """Something answers there, and it is not this suite."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"what answers at {url} is not the door of this suite: its /metrics is no page of "
            "metrics; see API_PORT",
            url=url,
        )


@dataclass(frozen=True)
class Service:
    """How one service is."""

    name: str
    is_healthy: bool
    version: str
    told: str
    """What it depends on, or what it lacks."""


@dataclass(frozen=True)
class Look:
    """What the door told at one time."""

    at: float
    """Seconds, of a clock that only goes forward."""
    services: tuple[Service, ...]
    samples: Samples
    recent: tuple[Mapping[str, Any], ...]
    """The newest tasks, as `/api/v1/cache/recent` has them."""


@dataclass(frozen=True)
class Snapshot:
    """What is shown at one time."""

    url: str
    services: tuple[Service, ...]
    figures: Figures
    recent: tuple[Mapping[str, Any], ...]
    trouble: str = ""
    """Why there is nothing newer, if there is not."""

    @property
    def is_well(self) -> bool:
        """Whether the suite answers and each of its services can do its work."""
        return not self.trouble and all(service.is_healthy for service in self.services)


class Watch:
    """Remembers looks for a while; figures are of the time between the first of them and now."""

    def __init__(self, rest: Rest, window: float) -> None:
        """`window` is in seconds; raises as `look_at` does."""
        self._rest = rest
        self._window = window
        self._looks = deque([look_at(rest)])

    def snapshot(self) -> Snapshot:
        """Look again; raises as `look_at` does."""
        now = look_at(self._rest)
        self._looks.append(now)
        while now.at - self._looks[1].at >= self._window:
            self._looks.popleft()
        return self._told(now, self._looks[0])

    def stale(self, error: StackError) -> Snapshot:
        """Return what was seen last, and why it is not new."""
        return self._told(self._looks[-1], self._looks[0], str(error))

    def _told(self, now: Look, before: Look, trouble: str = "") -> Snapshot:
        figures = between(before.samples, now.samples, max(now.at - before.at, 0.001))
        return Snapshot(self._rest.url, now.services, figures, now.recent, trouble)


def look_at(rest: Rest) -> Look:
    """Ask the door for everything; raises `StackError` where it does not answer or refuses."""
    at = time.monotonic()
    samples = page(rest)
    services = (*sorted(health(rest), key=place), worker(samples))
    try:
        recent = tuple(rest.json(RECENT).get("items", ()))
    except Refused as refused:  # Postgres is away, which the health says already
        if refused.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        recent = ()
    return Look(at, services, samples, recent)


def page(rest: Rest) -> Samples:
    """Return the page of metrics; raises `NotASuite` for what is none."""
    try:
        samples = Samples.parsed(rest.get("/metrics").decode())
    except ValueError:
        raise NotASuite(rest.url) from None
    if not samples.named:
        raise NotASuite(rest.url)
    return samples


def health(rest: Rest) -> list[Service]:
    """Return what each service says of itself, also where some of them cannot work."""
    try:
        told = rest.json("/health")
    except Refused as refused:
        states = {
            name: str(state)
            for detail in refused.told.get("details", [])
            for name, state in detail.get("metadata", {}).items()
            if name != "request_id"
        }
        if refused.status != HTTPStatus.SERVICE_UNAVAILABLE or not states:
            raise
        return [Service(name, state == HEALTHY, "", state) for name, state in states.items()]
    return [
        Service(
            service["service"],
            service["healthy"],
            service.get("version", ""),
            ", ".join(f"{name} {state}" for name, state in service["dependencies"].items()),
        )
        for service in told.get("services", [])
    ]


def place(service: Service) -> tuple[int, str]:
    """Return where a service stands among the others; those that nobody knows come last."""
    known = ORDER.index(service.name) if service.name in ORDER else len(ORDER)
    return known, service.name


def worker(samples: Samples) -> Service:
    """Return whether a worker tells its metrics, which is all that it serves."""
    versions = [own["version"] for own, _ in samples.each("build_info", service=WORKER)]
    if not versions:
        return Service(WORKER, is_healthy=False, version="", told="does not tell its metrics")
    return Service(WORKER, is_healthy=True, version=versions[0], told="")
