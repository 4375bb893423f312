"""A worker's hold on a task, as far as no cache is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest

from services.processor.jobs import LeaseLost
from services.processor.leases import STORE_TRIES, CacheLease, Hold

if TYPE_CHECKING:
    from collections.abc import Sequence

Code = grpc.StatusCode


class Refused(grpc.RpcError):
    """What a call ends with that is not answered."""

    def __init__(self, code: Code) -> None:
        super().__init__()
        self._code = code

    def code(self) -> Code:
        return self._code

    def details(self) -> str:
        return self._code.name


class Cache:
    """Refuses calls by some codes, one after the other, and answers the next."""

    def __init__(self, *codes: Code) -> None:
        self.left = list(codes)
        self.calls = 0

    def FailTask(self, request: Any) -> None:  # noqa: N802 - gRPC's name
        del request
        self.calls += 1
        if self.left:
            raise Refused(self.left.pop(0))


class Going:
    """A worker that is not told to end, and whose time flies."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def is_set(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return False


def stored(codes: Sequence[Code]) -> tuple[Cache, Going]:
    """Store an outcome in a cache that refuses so."""
    cache, going = Cache(*codes), Going()
    hold = Hold("task", "token", takes_one=True)
    CacheLease(cache, None, hold, None, going).fail(None)  # type: ignore[arg-type]
    return cache, going


@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.CANCELLED, Code.DEADLINE_EXCEEDED])
def test_an_outcome_waits_for_a_cache_that_is_restarted(code: Code) -> None:
    cache, going = stored([code] * (STORE_TRIES - 1))

    assert cache.calls == STORE_TRIES
    assert going.waited == [1, 2, 4, 8, 16]


@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.INTERNAL])
def test_an_outcome_that_cannot_be_stored_is_worth_a_retry(code: Code) -> None:
    with pytest.raises(ConnectionError, match=code.name):
        stored([code] * STORE_TRIES)


def test_a_hold_that_was_lost_stores_nothing() -> None:
    with pytest.raises(LeaseLost):
        stored([Code.FAILED_PRECONDITION])
