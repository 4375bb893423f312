"""What a flow asks of whoever talks to the service for it.

A flow is a generator: it yields steps and is sent their answers, so the same one serves a client
with threads and one with an event loop. It sees no channel, no clock but the deadline's, no socket.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from facesvg_client.nouns import Task

T = TypeVar("T")


@dataclass(frozen=True)
class Ask:
    """One request; the answer is one message."""

    method: str
    request: Any
    timeout: float | None


@dataclass(frozen=True)
class Send:
    """A stream of requests; the answer is one message. `metadata` goes beside the client's own."""

    method: str
    requests: Callable[[], Iterator[Any]]
    timeout: float | None
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Open:
    """One request; the answer is a stream to be read."""

    method: str
    request: Any
    timeout: float | None


@dataclass(frozen=True)
class Next:
    """The next message of a stream, or None at its end."""

    stream: Any


@dataclass(frozen=True)
class Pause:
    """Nothing, for some seconds."""

    seconds: float


@dataclass(frozen=True)
class Tell:
    """Show the caller something that it asked to see; there is no answer."""

    what: Any


@dataclass(frozen=True)
class Done(Generic[T]):
    """The end of a flow, with what it returned."""

    value: T


Step: TypeAlias = Ask | Send | Open | Next | Pause | Tell
Flow: TypeAlias = Generator[Step, Any, T]
Progress: TypeAlias = Callable[[Task], None]
