"""What can go wrong, as classes: by the reason that the service gives (`ErrorReason`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: dict[str, type[FacesvgError]] = {}
"""The class of each reason."""


class FacesvgError(Exception):
    """A call failed.

    `reason` is a name of `ErrorReason` (empty where the service said none), `code` that of the
    status (`INVALID_ARGUMENT`), `metadata` the facts of the message, `violations` what is wrong
    with which field, `retry_after` the seconds to wait, where waiting helps.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        code: str = "",
        metadata: Mapping[str, str] | None = None,
        violations: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.code = code
        self.metadata = dict(metadata or {})
        self.violations = dict(violations or {})
        self.retry_after = retry_after

    def __init_subclass__(cls, reasons: str = "") -> None:
        """Claim reasons for a class."""
        REASONS.update(dict.fromkeys(reasons.split(), cls))

    @property
    def request_id(self) -> str:
        """What to report: the service's logs have it."""
        return self.metadata.get("request_id", "")


class InvalidRequest(
    FacesvgError,
    ValueError,
    reasons="MALFORMED_REQUEST TRUNCATED_UPLOAD MISSING_PART UNEXPECTED_PART INVALID_ARGUMENT "
    "IDEMPOTENCY_KEY_REUSED",
):
    """What was sent is wrong; the same again fails again."""


class InvalidOption(
    InvalidRequest, reasons="UNKNOWN_OPTION INVALID_OPTION UNKNOWN_REGION WEBHOOKS_OFF"
):
    """An option is wrong."""


class InvalidPhoto(
    InvalidRequest, reasons="NOT_AN_IMAGE TRUNCATED_IMAGE TOO_MANY_PIXELS CORRUPT_IMAGE"
):
    """The photo cannot be read, or is too large to be."""


class InvalidLandmarks(
    InvalidRequest, reasons="UNREADABLE_LANDMARKS LANDMARK_COUNT INVALID_LANDMARK NO_FACE"
):
    """The landmarks cannot be read, or are not those of a face in the photo."""


class InvalidMap(InvalidRequest, reasons="INVALID_SEGMENTATION_MAP"):
    """The segmentation map cannot be read as labels."""


class TooLarge(InvalidRequest, reasons="PART_TOO_LARGE DRAWING_TOO_LARGE"):
    """A part, or the drawing, is larger than the service takes."""


class NotFound(FacesvgError, LookupError, reasons="TASK_NOT_FOUND RESULT_NOT_FOUND NOT_FOUND"):
    """There is no such task or drawing, or it was erased."""


class NotFinished(FacesvgError, reasons="TASK_NOT_FINISHED"):
    """The task has no drawing yet, or failed."""


class DrawingFailed(FacesvgError, reasons="TASK_FAILED TOO_MANY_ATTEMPTS LEASE_LOST"):
    """The drawing failed, and the inputs may not be to blame."""


class TaskCancelled(FacesvgError, reasons="TASK_CANCELLED"):
    """The task was cancelled, by whoever."""


class Unauthenticated(FacesvgError, reasons="API_KEY_MISSING API_KEY_INVALID"):
    """The API key is missing, or none that is valid."""


class Forbidden(FacesvgError, PermissionError, reasons="SCOPE_MISSING"):
    """The API key does not allow this."""


class Busy(FacesvgError, reasons="QUEUE_FULL RATE_LIMITED"):
    """The service takes no more just now; `retry_after` says when it may."""


class QuotaUsedUp(FacesvgError, reasons="QUOTA_USED_UP"):
    """The API key has made all its submissions of the day."""


class Unavailable(FacesvgError, ConnectionError, reasons="DEPENDENCY_UNAVAILABLE"):
    """Nobody answers, or a part of the service does not."""


class DeadlineExceeded(FacesvgError, TimeoutError, reasons="DEADLINE_EXCEEDED REQUEST_TIMEOUT"):
    """It took longer than was allowed. A task that was submitted goes on."""


class ServiceError(FacesvgError, reasons="INTERNAL DATA_LOSS"):
    """The service made a mistake; report its `request_id`."""


CODES: dict[str, type[FacesvgError]] = {
    "INVALID_ARGUMENT": InvalidRequest,
    "ALREADY_EXISTS": InvalidRequest,
    "NOT_FOUND": NotFound,
    "UNAUTHENTICATED": Unauthenticated,
    "PERMISSION_DENIED": Forbidden,
    "RESOURCE_EXHAUSTED": Busy,
    "FAILED_PRECONDITION": NotFinished,
    "UNAVAILABLE": Unavailable,
    "CANCELLED": Unavailable,
    "DEADLINE_EXCEEDED": DeadlineExceeded,
    "INTERNAL": ServiceError,
    "UNKNOWN": ServiceError,
    "DATA_LOSS": ServiceError,
}
"""The class of a status that comes without a reason, as from a proxy between."""


def class_of(reason: str, code: str = "") -> type[FacesvgError]:
    """Return the class of an error."""
    return REASONS.get(reason) or CODES.get(code, FacesvgError)
