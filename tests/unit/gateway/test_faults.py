"""What errors mean to a client."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

import pytest

from facesvg.v1 import error_reason_pb2
from services import gateway
from services.gateway.access.allowance import LimitReached
from services.gateway.access.keyring import KeyFileError
from services.gateway.access.keys import KeyLineError
from services.gateway.drawings import TaskError
from services.gateway.faults import FAULTS
from services.gateway.lookups import Unanswered
from services.gateway.submissions import NotTaken
from services.gateway.webhooks.guard import BadCallback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.runtime.faults import Fault


BASES = {TaskError, LimitReached}
STARTING = {KeyFileError, KeyLineError}
"""What only an operator meets, before there are clients."""
WITHIN = {BadCallback, Unanswered, NotTaken}
"""What becomes an option's error, another question, or what it was raised for."""


def errors() -> Iterator[type[Exception]]:
    for module in pkgutil.walk_packages(gateway.__path__, "services.gateway."):
        if module.name.endswith("__main__"):
            continue
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(found, Exception) and found.__module__ == module.name:
                yield found


@pytest.mark.parametrize("error", sorted(set(errors()) - BASES - STARTING - WITHIN, key=str))
def test_every_error_of_the_gateway_means_something(error: type[Exception]) -> None:
    assert error in FAULTS


@pytest.mark.parametrize("fault", FAULTS.values())
def test_every_reason_is_one_of_the_contract(fault: Fault) -> None:
    assert f"ERROR_REASON_{fault.reason}" in error_reason_pb2.ErrorReason.keys()  # noqa: SIM118
