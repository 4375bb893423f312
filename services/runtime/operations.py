"""What every service answers about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facesvg.v1 import operations_pb2 as pb
from facesvg.v1 import operations_pb2_grpc as rpc
from services import __version__
from services.runtime import metrics

if TYPE_CHECKING:
    from services.runtime.readiness import Readiness


class OperationsServicer(rpc.OperationsServiceServicer):
    """Serves `facesvg.v1.OperationsService`."""

    def __init__(self, service: str, readiness: Readiness) -> None:
        self._service = service
        self._readiness = readiness

    async def GetInfo(self, request: pb.GetInfoRequest, context: Any) -> pb.GetInfoResponse:
        """Return name, version and the state of the dependencies as last seen."""
        del request, context
        return pb.GetInfoResponse(
            service=self._service,
            version=__version__,
            healthy=self._readiness.is_healthy,
            dependencies=self._readiness.dependencies,
        )

    async def GetMetrics(
        self, request: pb.GetMetricsRequest, context: Any
    ) -> pb.GetMetricsResponse:
        """Return the metrics of this process."""
        del request, context
        return pb.GetMetricsResponse(exposition=metrics.exposition())
