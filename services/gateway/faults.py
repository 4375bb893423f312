"""What the gateway's errors mean to a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc

from services.gateway import drawings, ids, peers, submissions, suite, watching
from services.gateway.access import allowance, callers
from services.gateway.form import MalformedRequest
from services.gateway.site import shelf
from services.gateway.webhooks.callbacks import WebhooksOff
from services.runtime import options
from services.runtime.faults import Fault

if TYPE_CHECKING:
    from services.runtime.faults import FaultTable

Code = grpc.StatusCode

AWAY = Fault(Code.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")

FAULTS: FaultTable = {
    callers.NoKey: Fault(Code.UNAUTHENTICATED, "API_KEY_MISSING"),
    callers.WrongKey: Fault(Code.UNAUTHENTICATED, "API_KEY_INVALID"),
    callers.ScopeMissing: Fault(Code.PERMISSION_DENIED, "SCOPE_MISSING"),
    allowance.TooFast: Fault(Code.RESOURCE_EXHAUSTED, "RATE_LIMITED"),
    allowance.QuotaUsedUp: Fault(Code.RESOURCE_EXHAUSTED, "QUOTA_USED_UP"),
    MalformedRequest: Fault(Code.INVALID_ARGUMENT, "MALFORMED_REQUEST"),
    options.UnknownOption: Fault(Code.INVALID_ARGUMENT, "UNKNOWN_OPTION"),
    options.InvalidOption: Fault(Code.INVALID_ARGUMENT, "INVALID_OPTION"),
    WebhooksOff: Fault(Code.FAILED_PRECONDITION, "WEBHOOKS_OFF"),
    ids.InvalidArgument: Fault(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
    shelf.NotOnShelf: Fault(Code.NOT_FOUND, "NOT_FOUND"),
    ids.TaskNotFound: Fault(Code.NOT_FOUND, "TASK_NOT_FOUND"),
    submissions.ResultNotFound: Fault(Code.NOT_FOUND, "RESULT_NOT_FOUND"),
    submissions.NotDrawn: Fault(Code.NOT_FOUND, "RESULT_NOT_FOUND"),
    drawings.TaskRefused: Fault(Code.INVALID_ARGUMENT, "TASK_FAILED"),
    drawings.TaskFailed: Fault(Code.INTERNAL, "TASK_FAILED"),
    drawings.TaskCancelled: Fault(Code.FAILED_PRECONDITION, "TASK_CANCELLED"),
    drawings.RenderTimeout: Fault(Code.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
    peers.CacheAway: AWAY,
    peers.SvgCutOff: AWAY,
    watching.Interrupted: AWAY,
    suite.SuiteUnhealthy: AWAY,
    suite.DatabaseAway: AWAY,
}
