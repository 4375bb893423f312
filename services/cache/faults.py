"""What each exception of the cache means to a caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grpc import StatusCode

from services.cache import errors
from services.runtime import options
from services.runtime.faults import Fault

if TYPE_CHECKING:
    from services.runtime.faults import FaultTable

FAULTS: FaultTable = {
    errors.InvalidArgument: Fault(StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
    errors.TaskNotFound: Fault(StatusCode.NOT_FOUND, "TASK_NOT_FOUND"),
    errors.TaskNotFinished: Fault(StatusCode.FAILED_PRECONDITION, "TASK_NOT_FINISHED"),
    errors.RepeatKeyReused: Fault(StatusCode.ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED"),
    errors.LeaseLost: Fault(StatusCode.FAILED_PRECONDITION, "LEASE_LOST"),
    errors.TaskCancelled: Fault(StatusCode.FAILED_PRECONDITION, "TASK_CANCELLED"),
    errors.QueueFull: Fault(StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL"),
    errors.DrawingTooLarge: Fault(StatusCode.INVALID_ARGUMENT, "DRAWING_TOO_LARGE"),
    errors.DataLoss: Fault(StatusCode.DATA_LOSS, "DATA_LOSS"),
    errors.PostgresFull: Fault(StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE"),
    errors.PostgresAway: Fault(StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE"),
    options.UnknownOption: Fault(StatusCode.INVALID_ARGUMENT, "UNKNOWN_OPTION"),
    options.InvalidOption: Fault(StatusCode.INVALID_ARGUMENT, "INVALID_OPTION"),
}
