"""Every error of the drawing has a meaning for clients."""

from __future__ import annotations

from facesvg.v1 import error_reason_pb2
from services.processor.faults import FAULTS
from services.processor.masks import errors


def test_every_error_of_the_drawing_has_its_own_reason() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    concrete = {kind for kind in kinds if issubclass(kind, errors.MaskError)} - {errors.MaskError}

    assert concrete <= set(FAULTS)


def test_every_reason_is_one_of_the_contract() -> None:
    known = {
        n.removeprefix("ERROR_REASON_")
        for n in error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
    }

    assert {fault.reason for fault in FAULTS.values()} <= known
