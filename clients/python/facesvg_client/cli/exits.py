"""The exit codes, and which error has which."""

from __future__ import annotations

from enum import IntEnum

from facesvg_client import errors


class Exit(IntEnum):
    """How the command ends."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNAVAILABLE = 3
    KEY = 4
    NOT_FOUND = 5
    INTERRUPTED = 130


CODES: dict[type[errors.FacesvgError], Exit] = {
    errors.Unavailable: Exit.UNAVAILABLE,
    errors.Busy: Exit.UNAVAILABLE,
    errors.DeadlineExceeded: Exit.UNAVAILABLE,
    errors.Unauthenticated: Exit.KEY,
    errors.Forbidden: Exit.KEY,
    errors.QuotaUsedUp: Exit.KEY,
    errors.NotFound: Exit.NOT_FOUND,
}


def code_of(error: errors.FacesvgError) -> Exit:
    """Return the exit code of an error."""
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), Exit.FAILED)
