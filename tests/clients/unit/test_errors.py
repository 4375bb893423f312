"""Errors: every reason of the contract has a class."""

from __future__ import annotations

import pytest

from facesvg.v1 import error_reason_pb2
from facesvg_client import errors
from facesvg_client.cli.exits import Exit, code_of
from facesvg_client.errors import class_of

REASONS = [name.removeprefix("ERROR_REASON_") for name in error_reason_pb2.ErrorReason.keys()[1:]]


def test_every_reason_of_the_contract_has_one_class_and_no_other_has() -> None:
    assert sorted(errors.REASONS) == sorted(REASONS)


@pytest.mark.parametrize(
    ("reason", "code", "expected"),
    [
        ("LANDMARK_COUNT", "INVALID_ARGUMENT", errors.InvalidLandmarks),
        ("A_REASON_OF_THE_FUTURE", "INVALID_ARGUMENT", errors.InvalidRequest),
        ("", "UNAVAILABLE", errors.Unavailable),
        ("", "ABORTED", errors.FacesvgError),
    ],
)
def test_the_reason_decides_then_the_code(
    reason: str, code: str, expected: type[errors.FacesvgError]
) -> None:
    assert class_of(reason, code) is expected


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.InvalidPhoto, Exit.FAILED),
        (errors.DrawingFailed, Exit.FAILED),
        (errors.Unavailable, Exit.UNAVAILABLE),
        (errors.Busy, Exit.UNAVAILABLE),
        (errors.DeadlineExceeded, Exit.UNAVAILABLE),
        (errors.Unauthenticated, Exit.KEY),
        (errors.Forbidden, Exit.KEY),
        (errors.QuotaUsedUp, Exit.KEY),
        (errors.NotFound, Exit.NOT_FOUND),
    ],
)
def test_an_error_has_the_exit_code_that_is_documented(
    kind: type[errors.FacesvgError], code: Exit
) -> None:
    assert code_of(kind("why")) is code


def test_errors_are_caught_as_what_they_are_in_python() -> None:
    assert issubclass(errors.InvalidOption, ValueError)
    assert issubclass(errors.NotFound, LookupError)
    assert issubclass(errors.Unavailable, ConnectionError)
    assert issubclass(errors.DeadlineExceeded, TimeoutError)
    assert issubclass(errors.Forbidden, PermissionError)
