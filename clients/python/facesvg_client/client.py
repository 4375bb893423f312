"""The client for threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

import grpc

from facesvg.v1 import cache_pb2, gateway_pb2
from facesvg.v1 import gateway_pb2_grpc as rpc
from facesvg_client import nouns, reading
from facesvg_client.channels import Door
from facesvg_client.flows import Flows
from facesvg_client.inputs import Order
from facesvg_client.policy import Deadline, Retry
from facesvg_client.talk import ThreadTalk

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator
    from typing import Unpack

    from facesvg_client.inputs import File, Landmarks, Map
    from facesvg_client.options import Options
    from facesvg_client.steps import Flow, Progress

T = TypeVar("T")

TIMEOUT = 120.0
"""Seconds that a call may take, retries and the wait for a drawing included."""


class Client:
    """Draws faces with a suite that listens at `url`; may be used by many threads at once.

    `url` is http://host:port, https://host:port, or host:port for plain; without it `FACESVG_URL`
    counts, then localhost:8000. `api_key` and `ca`, a file of authorities, have `FACESVG_API_KEY`
    and `FACESVG_CA`. `timeout` is what any call may take, in seconds, and None is for ever; each
    method takes one of its own. Raises `FacesvgError`s.

        with Client("localhost:8000") as client:
            client.draw("face.jpg", "landmarks.json", preset="features").save("face.svg")
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        ca: str | os.PathLike[str] | bytes | None = None,
        timeout: float | None = TIMEOUT,
        retry: Retry | None = None,
    ) -> None:
        door = Door.of(url, api_key, ca)
        target, credentials, options = door.address.target, door.credentials, door.options
        self._channel = (
            grpc.secure_channel(target, credentials, options)
            if credentials
            else grpc.insecure_channel(target, options)
        )
        self._stub = rpc.GatewayServiceStub(self._channel)
        self._metadata = door.metadata
        self._timeout = timeout
        self._retry = retry or Retry()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        self._channel.close()

    def draw(
        self,
        photo: File,
        landmarks: Landmarks,
        map: Map | None = None,  # noqa: A002 - what it is called everywhere
        *,
        progress: Progress | None = None,
        lookup: bool = True,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> nouns.Drawing:
        """Return the drawing of a photo, waiting for it.

        What is drawn already is found by its digests, and nothing is uploaded then; `lookup=False`
        uploads at once. `progress` is called with the task on every change.
        """
        order = Order.of(photo, landmarks, map, options)
        return self._talk(self._flows(timeout).draw(order, lookup=lookup)).result(progress)

    def submit(
        self,
        photo: File,
        landmarks: Landmarks,
        map: Map | None = None,  # noqa: A002 - as above
        *,
        lookup: bool = True,
        idempotency_key: str = "",
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> nouns.Submitted:
        """Submit a photo and return its task at once; the same bytes again have the same task.

        With an `idempotency_key` of your own (an order's number) they have the task that it began,
        whatever has become of that, and nothing else is looked for.
        """
        order = Order.of(photo, landmarks, map, options)
        lookup = lookup and not idempotency_key
        flow = self._flows(timeout).submit(order, lookup=lookup, key=idempotency_key)
        return self._talk(flow).result()

    def status(
        self, task_id: str, *, read_mask: Iterable[str] = (), timeout: float | None = None
    ) -> nouns.Task:
        """Return a task, and its drawing once there is one.

        With a `read_mask` such as `["progress", "result.svg"]` only those fields are fetched, with
        the task's id and status; all others are empty.
        """
        request = gateway_pb2.GetStatusRequest(task_id=task_id, read_mask=reading.mask(read_mask))
        return self._ask("GetStatus", request, reading.task, timeout)

    def watch(
        self, task_id: str, *, read_mask: Iterable[str] = (), timeout: float | None = None
    ) -> Iterator[nouns.Task]:
        """Yield a task now and on every change, ending after its final state."""
        yield from self._talk(self._flows(timeout).watch(task_id, read_mask)).told()

    def svg(self, task_id: str, *, timeout: float | None = None) -> str:
        """Return the document of a finished task."""
        return self._talk(self._flows(timeout).svg(task_id)).result()

    def cancel(self, task_id: str, *, timeout: float | None = None) -> nouns.Task:
        """Cancel a task that is not final, and return it as it is then."""
        request = cache_pb2.CancelTaskRequest(task_id=task_id)
        return self._ask("CancelTask", request, reading.task, timeout)

    def delete(self, task_id: str, *, timeout: float | None = None) -> None:
        """Erase a task, its inputs and its drawing."""
        self._talk(self._flows(timeout).delete(task_id)).result()

    def stats(self, days: int = 7, *, timeout: float | None = None) -> nouns.CacheStats:
        """Return what the cache did in the last days."""
        request = cache_pb2.GetStatsRequest(days=days)
        return self._ask("GetCacheStats", request, reading.reader(nouns.CacheStats), timeout)

    def recent(self, limit: int = 10, *, timeout: float | None = None) -> list[nouns.TaskSummary]:
        """Return the newest tasks, at most 1000."""
        return self._talk(self._flows(timeout).recent(limit)).result()

    def tasks(self, *, timeout: float | None = None) -> Iterator[nouns.TaskSummary]:
        """Yield every task, newest first; pages are asked for as they are wanted."""
        yield from self._talk(self._flows(timeout).tasks()).told()

    def regions(self, *, timeout: float | None = None) -> tuple[nouns.Preset, ...]:
        """Return the presets and their regions, the default first."""
        return self._talk(self._flows(timeout).regions()).result()

    def health(self, *, timeout: float | None = None) -> nouns.Health:
        """Return the state of the suite; raises `Unavailable` when it cannot draw."""
        return self._ask(
            "GetHealth", gateway_pb2.GetHealthRequest(), reading.reader(nouns.Health), timeout
        )

    def _ask(self, method: str, request: Any, read: Callable[[Any], T], timeout: float | None) -> T:
        return self._talk(self._flows(timeout).ask(method, request, read)).result()

    def _flows(self, timeout: float | None) -> Flows:
        return Flows(self._retry, Deadline.after(self._timeout if timeout is None else timeout))

    def _talk(self, flow: Flow[T]) -> ThreadTalk[T]:
        return ThreadTalk(self._stub, self._metadata, flow)
