"""The client for event loops: `Client`, to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

import grpc

from facesvg.v1 import cache_pb2, gateway_pb2
from facesvg.v1 import gateway_pb2_grpc as rpc
from facesvg_client import nouns, reading
from facesvg_client.channels import Door
from facesvg_client.client import TIMEOUT
from facesvg_client.flows import Flows
from facesvg_client.inputs import Order
from facesvg_client.policy import Deadline, Retry
from facesvg_client.talk import LoopTalk

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Callable, Iterable
    from typing import Unpack

    from facesvg_client.inputs import File, Landmarks, Map
    from facesvg_client.options import Options
    from facesvg_client.steps import Flow, Progress

T = TypeVar("T")


class AsyncClient:
    """Draws faces as `Client` does, in the event loop that it is made in.

    async with AsyncClient() as client:
        drawing = await client.draw("face.jpg", "landmarks.json")
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
            grpc.aio.secure_channel(target, credentials, options)
            if credentials
            else grpc.aio.insecure_channel(target, options)
        )
        self._stub = rpc.GatewayServiceStub(self._channel)
        self._metadata = door.metadata
        self._timeout = timeout
        self._retry = retry or Retry()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        await self._channel.close()

    async def draw(
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
        """Return the drawing of a photo, as `Client.draw` does."""
        order = Order.of(photo, landmarks, map, options)
        return await self._talk(self._flows(timeout).draw(order, lookup=lookup)).result(progress)

    async def submit(
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
        """Submit a photo and return its task at once, as `Client.submit` does."""
        order = Order.of(photo, landmarks, map, options)
        lookup = lookup and not idempotency_key
        flow = self._flows(timeout).submit(order, lookup=lookup, key=idempotency_key)
        return await self._talk(flow).result()

    async def status(
        self, task_id: str, *, read_mask: Iterable[str] = (), timeout: float | None = None
    ) -> nouns.Task:
        """Return a task, and its drawing once there is one."""
        request = gateway_pb2.GetStatusRequest(task_id=task_id, read_mask=reading.mask(read_mask))
        return await self._ask("GetStatus", request, reading.task, timeout)

    def watch(
        self, task_id: str, *, read_mask: Iterable[str] = (), timeout: float | None = None
    ) -> AsyncIterator[nouns.Task]:
        """Yield a task now and on every change, ending after its final state."""
        return self._talk(self._flows(timeout).watch(task_id, read_mask)).told()

    async def svg(self, task_id: str, *, timeout: float | None = None) -> str:
        """Return the document of a finished task."""
        return await self._talk(self._flows(timeout).svg(task_id)).result()

    async def cancel(self, task_id: str, *, timeout: float | None = None) -> nouns.Task:
        """Cancel a task that is not final, and return it as it is then."""
        request = cache_pb2.CancelTaskRequest(task_id=task_id)
        return await self._ask("CancelTask", request, reading.task, timeout)

    async def delete(self, task_id: str, *, timeout: float | None = None) -> None:
        """Erase a task, its inputs and its drawing."""
        await self._talk(self._flows(timeout).delete(task_id)).result()

    async def stats(self, days: int = 7, *, timeout: float | None = None) -> nouns.CacheStats:
        """Return what the cache did in the last days."""
        request = cache_pb2.GetStatsRequest(days=days)
        return await self._ask("GetCacheStats", request, reading.reader(nouns.CacheStats), timeout)

    async def recent(
        self, limit: int = 10, *, timeout: float | None = None
    ) -> list[nouns.TaskSummary]:
        """Return the newest tasks, at most 1000."""
        return await self._talk(self._flows(timeout).recent(limit)).result()

    def tasks(self, *, timeout: float | None = None) -> AsyncIterator[nouns.TaskSummary]:
        """Yield every task, newest first; pages are asked for as they are wanted."""
        return self._talk(self._flows(timeout).tasks()).told()

    async def regions(self, *, timeout: float | None = None) -> tuple[nouns.Preset, ...]:
        """Return the presets and their regions, the default first."""
        return await self._talk(self._flows(timeout).regions()).result()

    async def health(self, *, timeout: float | None = None) -> nouns.Health:
        """Return the state of the suite; raises `Unavailable` when it cannot draw."""
        return await self._ask(
            "GetHealth", gateway_pb2.GetHealthRequest(), reading.reader(nouns.Health), timeout
        )

    async def _ask(
        self, method: str, request: Any, read: Callable[[Any], T], timeout: float | None
    ) -> T:
        return await self._talk(self._flows(timeout).ask(method, request, read)).result()

    def _flows(self, timeout: float | None) -> Flows:
        return Flows(self._retry, Deadline.after(self._timeout if timeout is None else timeout))

    def _talk(self, flow: Flow[T]) -> LoopTalk[T]:
        return LoopTalk(self._stub, self._metadata, flow)
