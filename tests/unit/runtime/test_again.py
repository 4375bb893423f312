"""Calls that are made again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from services.runtime import again, faults
from services.runtime.draining import GoingAway
from services.runtime.faults import Fault

if TYPE_CHECKING:
    from google.rpc import status_pb2

AWAY = Fault(grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")


class FullDisk(Exception):
    retry_after = 60.0


class NoPeer(Exception):
    pass


def error(
    status: status_pb2.Status | None = None, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
) -> grpc.aio.AioRpcError:
    metadata = grpc.aio.Metadata()
    if status is not None:
        metadata.add("grpc-status-details-bin", status.SerializeToString())
    message = status.message if status is not None else ""
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), metadata, message)


def told(exception: Exception) -> grpc.aio.AioRpcError:
    return error(faults.to_status(exception, {FullDisk: AWAY, NoPeer: AWAY}))


@dataclass
class Peer:
    """Fails as it is told, and then answers."""

    failures: list[Exception]
    calls: int = 0

    async def call(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "PAUSES", (0.0,) * 4)


def insist(peer: Peer) -> Any:
    return asyncio.run(again.insisting(peer.call))


def cut(details: str = again.CUT) -> grpc.aio.AioRpcError:
    metadata = grpc.aio.Metadata()
    return grpc.aio.AioRpcError(grpc.StatusCode.INTERNAL, metadata, metadata, details)


def test_a_call_whose_connection_broke_is_made_again() -> None:
    assert insist(Peer([cut(), cut()])) == "done"


def test_a_mistake_of_the_other_side_is_not_asked_for_again() -> None:
    with pytest.raises(grpc.aio.AioRpcError):
        insist(Peer([cut("it broke")]))


def test_whoever_waits_for_a_call_that_broke_to_the_end_is_told_to_come_again() -> None:
    status = faults.to_status(cut(), {})

    assert status is not None
    assert status.code == grpc.StatusCode.UNAVAILABLE.value[0]


def test_a_call_that_nobody_took_is_made_again() -> None:
    cancelled = error(code=grpc.StatusCode.CANCELLED)

    assert insist(Peer([error(), cancelled])) == "done"


def test_a_call_that_a_stopping_peer_cancelled_is_told_as_its_absence() -> None:
    status = faults.to_status(error(code=grpc.StatusCode.CANCELLED), {})

    assert status is not None
    assert status.code == 14


def test_patience_ends() -> None:
    peer = Peer([error() for _ in range(9)])

    with pytest.raises(grpc.aio.AioRpcError):
        insist(peer)

    assert peer.calls == 5


@pytest.mark.parametrize(
    "failure",
    [told(FullDisk()), told(NoPeer()), error(code=grpc.StatusCode.DEADLINE_EXCEEDED)],
    ids=["later", "tried already", "too late"],
)
def test_what_would_not_help_is_not_tried(failure: Exception) -> None:
    peer = Peer([failure])

    with pytest.raises(grpc.aio.AioRpcError):
        insist(peer)

    assert peer.calls == 1


def test_a_service_that_is_about_to_leave_is_asked_again() -> None:
    assert insist(Peer([told(GoingAway())])) == "done"
