"""The gRPC door of the cache: every method translates, delegates, translates back."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import cache_pb2_grpc as rpc
from facesvg.v1 import upload_pb2
from services.cache import answers, requests, statistics
from services.cache.policy import MIB
from services.runtime import questions, uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from facesvg.v1 import task_pb2
    from services.cache.erasing import Eraser
    from services.cache.leases import Leases
    from services.cache.outbox import Outbox
    from services.cache.policy import Policy
    from services.cache.postgres import Database
    from services.cache.records import Source, Task
    from services.cache.results import Results
    from services.cache.watching import Watches

FIND = "/facesvg.v1.CacheService/FindResult"
DEFAULT_STRANDED = 100
DEFAULT_DELIVERIES = 10
INPUTS: Sequence[int] = (
    upload_pb2.PART_IMAGE,
    upload_pb2.PART_LANDMARKS,
    upload_pb2.PART_SEGMENTATION_MAP,
)


class CacheServicer(rpc.CacheServiceServicer):
    """Serves `facesvg.v1.CacheService`."""

    def __init__(  # noqa: PLR0913 - one argument for each thing it is a door to
        self,
        *,
        results: Results,
        leases: Leases,
        watches: Watches,
        outbox: Outbox,
        eraser: Eraser,
        database: Database,
        policy: Policy,
        max_part_bytes: int,
    ) -> None:
        self._results = results
        self._leases = leases
        self._watches = watches
        self._outbox = outbox
        self._eraser = eraser
        self._database = database
        self._policy = policy
        self._max_part_bytes = max_part_bytes

    async def FindResult(
        self, request: pb.FindResultRequest, context: Any
    ) -> pb.FindResultResponse:
        """Look a key up."""
        del context
        input_hash, tenant = requests.entry_of(request)
        repeat, callback_url = requests.lookup_of(request), request.key.options.callback_url
        task = await self._results.find(input_hash, tenant, repeat, callback_url)
        return answers.found(input_hash, task)

    async def FindResults(
        self, request_iterator: AsyncIterator[pb.FindResultsRequest], context: Any
    ) -> AsyncIterator[pb.FindResultsResponse]:
        """Look many keys up at once."""
        del context
        async for asked in request_iterator:
            entries = [requests.plain_entry_of(one) for one in asked.requests]
            with questions.each_is(FIND, asked.traceparents, len(entries)):
                tasks = await self._results.find_all(entries)
            found = [
                answers.found(entry[0], task) for entry, task in zip(entries, tasks, strict=True)
            ]
            yield pb.FindResultsResponse(responses=found)

    async def ListErasures(
        self, request: pb.ListErasuresRequest, context: Any
    ) -> pb.ListErasuresResponse:
        """Tell what was erased."""
        del context
        erased = await self._results.erased_since(request.cursor, requests.DRAWING_VERSION)
        return answers.erased(erased)

    async def CountHits(self, request: pb.CountHitsRequest, context: Any) -> pb.CountHitsResponse:
        """Count."""
        del context
        self._results.count_hits(requests.hits_of(request))
        return pb.CountHitsResponse()

    async def BeginTask(
        self, request_iterator: AsyncIterator[pb.BeginTaskRequest], context: Any
    ) -> pb.BeginTaskResponse:
        """Receive a submission and begin its task."""
        del context
        limits = dict.fromkeys(INPUTS, self._max_part_bytes)
        with closing(await uploads.receive(request_iterator, limits)) as upload:
            begun = await self._results.begin(requests.submission_of(upload))
        return pb.BeginTaskResponse(
            outcome=answers.OUTCOMES[begun.outcome],
            task=answers.task_of(begun.task),
            queue_depth=begun.queue_depth,
            similarity_distance=begun.distance,
        )

    async def OpenTask(
        self, request: pb.OpenTaskRequest, context: Any
    ) -> AsyncIterator[pb.OpenTaskResponse]:
        """Lease a task and send its inputs."""
        del context
        task_id = requests.uuid_of("task_id", request.task_id)
        opened = await self._leases.open(task_id, request.worker, requests.lease_of(request.lease))
        with closing_files(opened.inputs.values()):
            for message in answers.opening(opened):
                yield message

    async def ReportProgress(
        self, request: pb.ReportProgressRequest, context: Any
    ) -> pb.ReportProgressResponse:
        """Note a worker's step."""
        del context
        await self._leases.advance(
            requests.uuid_of("task_id", request.task_id),
            requests.uuid_of("lease_token", request.lease_token),
            request.step,
            requests.percent("progress", request.progress),
        )
        return pb.ReportProgressResponse()

    async def CompleteTask(
        self, request_iterator: AsyncIterator[pb.CompleteTaskRequest], context: Any
    ) -> pb.CompleteTaskResponse:
        """Receive a drawing and store it."""
        del context
        limits = {requests.SVG: self._max_part_bytes}
        with closing(await uploads.receive(request_iterator, limits)) as upload:
            drawing = requests.drawing_of(upload)
            task_id = requests.uuid_of("task_id", upload.header.task_id)
            token = requests.uuid_of("lease_token", upload.header.lease_token)
            await self._leases.complete(task_id, token, drawing)
        self._watches.tell(task_id)
        return pb.CompleteTaskResponse()

    async def FailTask(self, request: pb.FailTaskRequest, context: Any) -> pb.FailTaskResponse:
        """Store a failure."""
        del context
        await self._leases.fail(
            requests.uuid_of("task_id", request.task_id),
            requests.uuid_of("lease_token", request.lease_token),
            requests.failure_of(request),
        )
        return pb.FailTaskResponse()

    async def ReleaseTask(
        self, request: pb.ReleaseTaskRequest, context: Any
    ) -> pb.ReleaseTaskResponse:
        """Take a task back from its worker."""
        del context
        await self._leases.release(
            requests.uuid_of("task_id", request.task_id),
            requests.uuid_of("lease_token", request.lease_token),
        )
        return pb.ReleaseTaskResponse()

    async def CancelTask(
        self, request: pb.CancelTaskRequest, context: Any
    ) -> pb.CancelTaskResponse:
        """Cancel a task."""
        del context
        task = await self._results.cancel(*requests.whose(request))
        return pb.CancelTaskResponse(task=answers.task_of(task))

    async def LeaveTask(self, request: pb.LeaveTaskRequest, context: Any) -> pb.LeaveTaskResponse:
        """Let go of a task."""
        del context
        task = await self._results.leave(*requests.whose(request))
        return pb.LeaveTaskResponse(task=answers.task_of(task))

    async def DeleteTask(
        self, request: pb.DeleteTaskRequest, context: Any
    ) -> pb.DeleteTaskResponse:
        """Erase a task."""
        del context
        await self._results.delete(*requests.whose(request))
        return pb.DeleteTaskResponse()

    async def GetTask(self, request: pb.GetTaskRequest, context: Any) -> pb.GetTaskResponse:
        """Return a task."""
        del context
        task_id, tenant = requests.whose(request)
        wanted = requests.wanted_of(request)
        task = await self._results.get(task_id, tenant, with_result=bool(wanted))
        answer = pb.GetTaskResponse()
        await self._write(answer.task, task, wanted)
        return answer

    async def WatchTask(
        self, request: pb.WatchTaskRequest, context: Any
    ) -> AsyncIterator[pb.WatchTaskResponse]:
        """Follow a task to its end."""
        del context
        wanted = requests.wanted_of(request)
        async for task in self._watches.follow(*requests.whose(request)):
            answer = pb.WatchTaskResponse()
            await self._write(answer.task, task, wanted)
            yield answer

    async def ReadSvg(
        self, request: pb.ReadSvgRequest, context: Any
    ) -> AsyncIterator[pb.ReadSvgResponse]:
        """Send an SVG."""
        del context
        source = await self._results.svg(*requests.whose(request))
        with closing_files([source]):
            for message in answers.svg(source):
                yield message

    async def ListTasks(self, request: pb.ListTasksRequest, context: Any) -> pb.ListTasksResponse:
        """Return a page of tasks."""
        del context
        tenant = requests.tenant_of(request.tenant)
        page = await self._results.list(request.page_size, request.page_token, tenant)
        return pb.ListTasksResponse(
            tasks=map(answers.summary_of, page.tasks), next_page_token=page.next_token
        )

    async def GetStats(self, request: pb.GetStatsRequest, context: Any) -> pb.GetStatsResponse:
        """Return statistics."""
        del context
        found = await statistics.read(self._database, request.days)
        return pb.GetStatsResponse(stats=answers.stats_of(found, self._policy))

    async def Cleanup(self, request: pb.CleanupRequest, context: Any) -> pb.CleanupResponse:
        """Clean up now."""
        del request, context
        swept = await self._eraser.sweep()
        return pb.CleanupResponse(
            expired_tasks=swept.expired,
            evicted_tasks=swept.evicted,
            freed_mb=swept.freed_bytes / MIB,
        )

    async def TakeStranded(
        self, request: pb.TakeStrandedRequest, context: Any
    ) -> pb.TakeStrandedResponse:
        """Hand out tasks that the queue may have lost."""
        del context
        taken = await self._leases.take_stranded(request.limit or DEFAULT_STRANDED)
        return answers.stranded_of(taken)

    async def TakeDeliveries(
        self, request: pb.TakeDeliveriesRequest, context: Any
    ) -> pb.TakeDeliveriesResponse:
        """Hand out messages to be sent."""
        del context
        lease = requests.lease_of(request.lease)
        taken = await self._outbox.take(request.limit or DEFAULT_DELIVERIES, lease)
        return pb.TakeDeliveriesResponse(deliveries=map(answers.due_of, taken))

    async def ReportDelivery(
        self, request: pb.ReportDeliveryRequest, context: Any
    ) -> pb.ReportDeliveryResponse:
        """Note what became of a message."""
        del context
        delivery_id = requests.uuid_of("delivery_id", request.delivery_id)
        await self._outbox.report(delivery_id, requests.attempt_of(request))
        return pb.ReportDeliveryResponse()

    async def _write(self, message: task_pb2.Task, task: Task, wanted: AbstractSet[str]) -> None:
        result = await self._results.result(task) if wanted else None
        answers.write_task(message, task, result, await self._results.deliveries(task), wanted)


@contextmanager
def closing(upload: uploads.Upload) -> Iterator[uploads.Upload]:
    """Close an upload at the end of the block."""
    try:
        yield upload
    finally:
        upload.close()


@contextmanager
def closing_files(sources: Iterable[Source]) -> Iterator[None]:
    """Close sources at the end of the block."""
    with ExitStack() as stack:
        for source in sources:
            stack.enter_context(source.file)
        yield
