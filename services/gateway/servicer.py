"""The gRPC face of the gateway, and through Envoy its REST face."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.protobuf.timestamp_pb2 import Timestamp

from facesvg.v1 import cache_pb2, gateway_pb2, processor_pb2, task_pb2
from facesvg.v1 import gateway_pb2_grpc as rpc
from services.gateway import ids, pages
from services.gateway.access.caller import tenant
from services.gateway.submissions import EXACT, SIMILAR, SUCCESS
from services.gateway.wanted import wanted
from services.runtime import again

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import grpc
    from google.api.httpbody_pb2 import HttpBody

    from facesvg.v1 import cache_pb2_grpc, processor_pb2_grpc
    from services.gateway.counting import Counted
    from services.gateway.departures import Departures
    from services.gateway.drawings import Drawings
    from services.gateway.intake import Intake
    from services.gateway.pace import Pace
    from services.gateway.peers import CachePeer
    from services.gateway.submissions import Answer
    from services.gateway.suite import Suite

    Context = grpc.aio.ServicerContext[Any, Any]

SVG_URL = "/api/v1/frontal/crop/svg/"
CLEANUP_SECONDS = 60.0
RECENT = 10
MOST_RECENT = 1000
X_CACHE = {"": "miss", EXACT: "hit", SIMILAR: "similar"}


@dataclass(frozen=True)
class GatewayServicer(rpc.GatewayServiceServicer):
    """Serves `facesvg.v1.GatewayService`.

    What the cache or the processor answers as the contract has it is relayed as it is.
    """

    intake: Intake
    submissions: Counted
    drawings: Drawings
    departures: Departures
    tasks: CachePeer
    suite: Suite
    pace: Pace
    cache: cache_pb2_grpc.CacheServiceAsyncStub
    processor: processor_pb2_grpc.ProcessorServiceAsyncStub

    async def Submit(
        self, request_iterator: AsyncIterator[gateway_pb2.SubmitRequest], context: Context
    ) -> gateway_pb2.SubmitResponse:
        """Receive, answer."""
        async with self.intake.upload(request_iterator, context) as submission:
            return answer_to_proto(await self.submissions.submit(submission))

    async def SubmitForm(
        self, request_iterator: AsyncIterator[gateway_pb2.SubmitFormRequest], context: Context
    ) -> gateway_pb2.SubmitResponse:
        """Receive, answer."""
        async with self.intake.form(request_iterator, context) as submission:
            return answer_to_proto(await self.submissions.submit(submission))

    async def Render(
        self, request_iterator: AsyncIterator[gateway_pb2.RenderRequest], context: Context
    ) -> AsyncIterator[HttpBody]:
        """Receive, wait, send the drawing."""
        async with self.intake.rendering(request_iterator, context) as submission:
            answer = await self.submissions.submit(submission)
        async with self.departures.noticed(answer.ticket):
            svg = await self.drawings.wait(answer.ticket)
        cached = ("x-cache", X_CACHE[answer.match])
        await context.send_initial_metadata(
            (*pages.svg_headers(svg, answer.ticket.task_id), cached)
        )
        async for piece in pages.svg_pieces(svg):
            yield piece

    async def FindByDigest(
        self, request: gateway_pb2.FindByDigestRequest, context: Context
    ) -> gateway_pb2.SubmitResponse:
        """Look up."""
        del context
        input_hash = ids.input_hash(request.input_hash)
        return answer_to_proto(await self.submissions.lookup(input_hash))

    async def FindByInputs(
        self, request: gateway_pb2.FindByInputsRequest, context: Context
    ) -> gateway_pb2.SubmitResponse:
        """Look up."""
        del context
        with self.intake.described(request) as submission:
            return answer_to_proto(await self.submissions.seek(submission))

    async def GetStatus(
        self, request: gateway_pb2.GetStatusRequest, context: Context
    ) -> task_pb2.Task:
        """Relay the task."""
        del context
        asked = wanted(request.read_mask.paths)
        question = cache_pb2.GetTaskRequest(
            task_id=ids.task_id(request.task_id),
            with_result=asked.has_result,
            read_mask=asked.of_result,
            tenant=tenant(),
        )
        answer = await again.insisting(lambda: self.cache.GetTask(question))
        return asked.trimmed(self._shown(answer.task))

    async def WatchTask(
        self, request: cache_pb2.WatchTaskRequest, context: Context
    ) -> AsyncIterator[task_pb2.Task]:
        """Relay the task again and again."""
        del context
        asked = wanted(request.read_mask.paths)
        records = self.tasks.watch(ids.task_id(request.task_id), asked)
        async with aclosing(records) as tasks:
            async for task in tasks:
                yield asked.trimmed(self._shown(task))

    async def GetSvg(
        self, request: gateway_pb2.GetSvgRequest, context: Context
    ) -> AsyncIterator[HttpBody]:
        """Send the drawing."""
        task_id = ids.task_id(request.task_id)
        svg = await self.drawings.open(task_id)
        await context.send_initial_metadata(pages.svg_headers(svg, task_id))
        async for piece in pages.svg_pieces(svg):
            yield piece

    async def CancelTask(
        self, request: cache_pb2.CancelTaskRequest, context: Context
    ) -> task_pb2.Task:
        """Relay."""
        del context
        answer = await self.cache.CancelTask(
            cache_pb2.CancelTaskRequest(task_id=ids.task_id(request.task_id), tenant=tenant())
        )
        return self._shown(answer.task)

    async def DeleteTask(
        self, request: cache_pb2.DeleteTaskRequest, context: Context
    ) -> cache_pb2.DeleteTaskResponse:
        """Relay."""
        del context
        return await self.cache.DeleteTask(
            cache_pb2.DeleteTaskRequest(task_id=ids.task_id(request.task_id), tenant=tenant())
        )

    async def ListTasks(
        self, request: cache_pb2.ListTasksRequest, context: Context
    ) -> cache_pb2.ListTasksResponse:
        """Relay."""
        del context
        return await self.cache.ListTasks(
            cache_pb2.ListTasksRequest(
                page_size=request.page_size, page_token=request.page_token, tenant=tenant()
            )
        )

    async def ListRegions(
        self, request: processor_pb2.ListPresetsRequest, context: Context
    ) -> processor_pb2.ListPresetsResponse:
        """Relay."""
        del context
        return await self.processor.ListPresets(request)

    async def GetCacheStats(
        self, request: cache_pb2.GetStatsRequest, context: Context
    ) -> cache_pb2.CacheStats:
        """Relay."""
        del context
        return (await self.cache.GetStats(request)).stats

    async def ListRecent(
        self, request: gateway_pb2.ListRecentRequest, context: Context
    ) -> HttpBody:
        """Relay as an array."""
        del context
        if request.limit > MOST_RECENT:
            raise ids.InvalidArgument("limit", request.limit, f"at most {MOST_RECENT}")
        answer = await self.cache.ListTasks(
            cache_pb2.ListTasksRequest(page_size=request.limit or RECENT, tenant=tenant())
        )
        return pages.task_list(answer.tasks)

    async def CleanupCache(
        self, request: cache_pb2.CleanupRequest, context: Context
    ) -> cache_pb2.CleanupResponse:
        """Relay."""
        del context
        return await self.cache.Cleanup(request, timeout=CLEANUP_SECONDS)

    async def GetHealth(
        self, request: gateway_pb2.GetHealthRequest, context: Context
    ) -> gateway_pb2.GetHealthResponse:
        """Ask the suite."""
        del request, context
        states = await self.suite.health()
        services = [
            gateway_pb2.ServiceHealth(
                service=state.service,
                healthy=state.is_healthy,
                version=state.version,
                dependencies=state.dependencies,
            )
            for state in states
        ]
        return gateway_pb2.GetHealthResponse(
            status="healthy",
            version=states[0].version,
            services=services,
            timestamp=timestamp(datetime.now(UTC)),
        )

    async def GetDatabaseHealth(
        self, request: gateway_pb2.GetDatabaseHealthRequest, context: Context
    ) -> gateway_pb2.GetDatabaseHealthResponse:
        """Ask the suite."""
        del request, context
        database = await self.suite.database()
        return gateway_pb2.GetDatabaseHealthResponse(status="healthy", database=database)

    async def GetSuiteMetrics(
        self, request: gateway_pb2.GetSuiteMetricsRequest, context: Context
    ) -> HttpBody:
        """Ask the suite."""
        del request, context
        return pages.metrics(await self.suite.metrics())

    def _shown(self, task: task_pb2.Task) -> task_pb2.Task:
        """Complete a task with what only the gateway knows, and learn from it."""
        self.pace.note(task.processing_time_ms)
        if task.status == SUCCESS:
            task.svg_url = SVG_URL + task.task_id
        return task


def answer_to_proto(answer: Answer) -> gateway_pb2.SubmitResponse:
    """Return what a submission is answered."""
    ticket = answer.ticket
    return gateway_pb2.SubmitResponse(
        task_id=ticket.task_id,
        status=ticket.status,
        message=answer.message,
        submitted_at=timestamp(ticket.submitted_at),
        estimated_completion_time=timestamp(answer.estimated_completion),
        input_hash=ticket.input_hash,
        cache_hit=answer.is_hit,
        cache_match=answer.match,
        similarity_distance=answer.distance,
    )


def timestamp(moment: datetime) -> Timestamp:
    """Return a time as the contract has it."""
    result = Timestamp()
    result.FromDatetime(moment)
    return result
