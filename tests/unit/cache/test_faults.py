"""Every exception of the cache means something to a caller."""

from __future__ import annotations

import inspect

import pytest

from facesvg.v1 import error_reason_pb2
from services.cache import errors
from services.cache.errors import CacheError
from services.cache.faults import FAULTS

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, CacheError) and kind is not CacheError
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_fault(kind: type[CacheError]) -> None:
    assert kind in FAULTS


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.reason)
def test_every_reason_is_in_the_contract(fault: object) -> None:
    assert f"ERROR_REASON_{fault.reason}" in error_reason_pb2.ErrorReason.keys()  # type: ignore[attr-defined] # noqa: SIM118
