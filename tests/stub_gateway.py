"""A gateway to put behind a door: it answers by the task's id and remembers what it was asked."""

from __future__ import annotations

import threading
import time
from concurrent import futures
from typing import TYPE_CHECKING, Any, Self

import grpc
from google.api import httpbody_pb2
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from facesvg.v1 import cache_pb2, gateway_pb2, gateway_pb2_grpc, operations_pb2_grpc, task_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

SVG = b"<svg>" + b" " * 40_000 + b"</svg>"


# Untyped on purpose: a stub answers some methods, and the rest say UNIMPLEMENTED.
Unimplemented: Any = gateway_pb2_grpc.GatewayServiceServicer


class StubGateway(Unimplemented):  # type: ignore[misc]
    """A server on `port`; `with` starts and stops it."""

    def __init__(self, port: int) -> None:
        self.metadata: dict[str, str] = {}
        self.received_bytes = 0
        self.go_on = threading.Event()
        self._server = grpc.server(futures.ThreadPoolExecutor(256))
        gateway_pb2_grpc.add_GatewayServiceServicer_to_server(self, self._server)
        operations_pb2_grpc.add_OperationsServiceServicer_to_server(Operations(), self._server)
        healthy = health.HealthServicer()
        healthy.set("", health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(healthy, self._server)
        self._server.add_insecure_port(f"127.0.0.1:{port}")

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(grace=None).wait()

    def GetStatus(self, request: Any, context: Any) -> task_pb2.Task:  # noqa: N802
        self._remember(context)
        if request.task_id == "unavailable":
            context.abort_with_status(rich(14, "the cache is away", "DEPENDENCY_UNAVAILABLE"))
        if request.task_id == "slow":
            time.sleep(2)
        if request.task_id == "unknown":
            context.abort_with_status(rich(5, "there is no task unknown", "TASK_NOT_FOUND"))
        return task_pb2.Task(task_id=request.task_id, status="PENDING")

    def WatchTask(self, request: Any, context: Any) -> Iterator[task_pb2.Task]:  # noqa: N802
        if request.task_id == "unknown":
            context.abort_with_status(rich(5, "there is no task unknown", "TASK_NOT_FOUND"))
        yield task_pb2.Task(task_id=request.task_id, status="PROGRESS")
        self.go_on.wait(10)
        yield task_pb2.Task(task_id=request.task_id, status="SUCCESS")

    def GetSvg(self, request: Any, context: Any) -> Iterator[httpbody_pb2.HttpBody]:  # noqa: N802
        del request
        context.send_initial_metadata((("etag", '"abc"'), ("x-size-bytes", str(len(SVG)))))
        half = len(SVG) // 2
        yield httpbody_pb2.HttpBody(content_type="image/svg+xml", data=SVG[:half])
        yield httpbody_pb2.HttpBody(data=SVG[half:])

    def SubmitForm(self, request_iterator: Any, context: Any) -> gateway_pb2.SubmitResponse:  # noqa: N802
        self._remember(context)
        self.received_bytes = sum(len(request.form.data) for request in request_iterator)
        return gateway_pb2.SubmitResponse(task_id="form")

    def GetCacheStats(self, request: Any, context: Any) -> cache_pb2.CacheStats:  # noqa: N802
        self._remember(context)
        return cache_pb2.CacheStats(days=request.days)

    def _remember(self, context: Any) -> None:
        self.metadata = dict(context.invocation_metadata())


class Operations(operations_pb2_grpc.OperationsServiceServicer):
    """What must not be reached through the door."""

    def GetInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        raise AssertionError(request, context)

    def GetMetrics(self, request: Any, context: Any) -> Any:  # noqa: N802
        raise AssertionError(request, context)


def rich(code: int, message: str, reason: str) -> Any:
    """Return a status as the suite's services send it."""
    info = AnyMessage()
    info.Pack(error_details_pb2.ErrorInfo(reason=reason, domain="facesvg"))
    return rpc_status.to_status(status_pb2.Status(code=code, message=message, details=[info]))
