"""Runs a gRPC service from its first breath to its last."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING

import grpc
import prometheus_client
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from facesvg.v1 import operations_pb2_grpc
from services import __version__
from services.runtime import console, interceptors, metrics, series, tracing
from services.runtime.chain import Chain
from services.runtime.deadlines import Deadlines
from services.runtime.draining import Draining
from services.runtime.messages import UnreadableMessages
from services.runtime.methods import UnknownMethods
from services.runtime.operations import OperationsServicer
from services.runtime.readiness import Readiness

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.runtime.around import Before
    from services.runtime.faults import FaultTable
    from services.runtime.readiness import Dependencies
    from services.runtime.settings import ServerSettings

logger = logging.getLogger(__name__)

OPERATIONS = "facesvg.v1.OperationsService"

LAST_WORDS_SECONDS = 1.0
"""Before the end of the grace period: what calls still under way need to tell their callers."""

BREATH_SECONDS = 0.1
"""Between the end of what would last and that of taking calls. gRPC ends as CANCELLED, without a
reason, what has come and was not begun: under load all that came while many calls were ended."""

OPTIONS: list[tuple[str, int]] = [
    ("grpc.so_reuseport", 0),  # a second server on the port is a mistake, not a helper
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    ("grpc.max_send_message_length", 16 * 1024 * 1024),
    # A gateway's watches share one connection to the cache: the call after the last would wait.
    ("grpc.max_concurrent_streams", 20_000),
    # Calls that wait to be begun; from a thousand on, some would be ended as CANCELLED at once, as
    # when the watchers of a gateway come back together.
    ("grpc.server.max_pending_requests", 20_000),
    ("grpc.server.max_pending_requests_hard_limit", 30_000),
    # More than the door lets through (32 KiB, and the path once more): it is the one to refuse
    # what is too large, since it says why.
    ("grpc.max_metadata_size", 80 * 1024),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # Peers look up names anew only for a new connection: so a new replica is found.
    ("grpc.max_connection_age_ms", 300_000),
    ("grpc.max_connection_age_grace_ms", 660_000),  # no watch is longer than 600 s
    # The probe widens windows until a few uploads hold hundreds of MiB.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 1024 * 1024),
]


def begin(service: str, settings: ServerSettings) -> None:
    """Let this process log, trace and count as the settings say, before it does anything else."""
    console.configure(settings.log)
    if settings.has_traces:
        tracing.begin(service)
    if not settings.enable_metrics:
        metrics.turn_off()


async def serve(  # noqa: PLR0913 - a service is put together here
    service: str,
    settings: ServerSettings,
    register: Callable[[grpc.aio.Server], Sequence[str]],
    *,
    faults: FaultTable,
    dependencies: Dependencies,
    counting: interceptors.Metrics | None = None,
    within: Sequence[Before] = (),
) -> None:
    """Serve until SIGTERM or SIGINT, then let calls under way end within the grace period.

    The end has an order: health says NOT_SERVING, and those who ask have some time to notice; then
    streams that would last are ended, and no new call is taken; what is not done shortly before the
    end of the grace period is ended too. Each of them is told that it may be sent again.

    `register` adds the service's servicers to the server and returns their full names. The caller
    opens what they need before, and closes it after. `counting` is what counts calls, where metrics
    are enabled and a service counts more than others do. `within` are interceptors of the service's
    own, whose exceptions become statuses like those of its methods.
    """
    draining = Draining()
    chain = Chain(
        [
            UnknownMethods(),
            interceptors.RequestIds(),
            *([interceptors.Spans()] if tracing.is_on() else []),
            interceptors.AccessLog(),
            *([counting or interceptors.Metrics()] if settings.enable_metrics else []),
            interceptors.Faults(faults, service),
            UnreadableMessages(),
            draining,
            Deadlines(),
            *within,
        ]
    )
    server = grpc.aio.server(interceptors=[chain], options=OPTIONS)
    names = [*register(server), OPERATIONS]
    if settings.enable_metrics:
        series.begin(service, [*names, health.SERVICE_NAME], faults)
    told = health.aio.HealthServicer()
    readiness = Readiness(told, names, dependencies)
    describe(server, service, names, told, readiness)
    bind(server, service, settings)

    stopping = told_to_stop()
    await readiness.check()
    await server.start()
    watching = asyncio.create_task(readiness.watch())
    console.announce(service, __version__, f"grpc://{settings.host}:{settings.port}")
    try:
        await stopping.wait()
    finally:
        watching.cancel()
        await told.enter_graceful_shutdown()
        await end(server, draining, settings)


def describe(
    server: grpc.aio.Server,
    service: str,
    names: Sequence[str],
    told: health.aio.HealthServicer,
    readiness: Readiness,
) -> None:
    """Let a server tell what every service does: its health, its version, its methods."""
    health_pb2_grpc.add_HealthServicer_to_server(told, server)
    operations_pb2_grpc.add_OperationsServiceServicer_to_server(
        OperationsServicer(service, readiness), server
    )
    reflection.enable_server_reflection(
        [*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server
    )


def told_to_stop() -> asyncio.Event:
    """Return what is set when the process is told to stop."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


async def end(server: grpc.aio.Server, draining: Draining, settings: ServerSettings) -> None:
    """Stop a server whose health says so already, each call with its reason."""
    grace = settings.grace.total_seconds()
    logger.info("draining", extra={"facts": {"grace_s": grace}})
    await asyncio.sleep(settings.notice.total_seconds())
    draining.begin()
    await asyncio.sleep(BREATH_SECONDS)
    last_words = max(grace - LAST_WORDS_SECONDS, grace / 2)
    asyncio.get_running_loop().call_later(last_words, draining.finish)
    await server.stop(grace)
    await asyncio.to_thread(tracing.end)
    logger.info("stopped")


def bind(server: grpc.aio.Server, service: str, settings: ServerSettings) -> None:
    """Take the service's ports, or end the process with the variable that moves them."""
    name = service.upper()
    address, certificates = f"{settings.host}:{settings.port}", settings.certificates
    try:
        if certificates is None:
            server.add_insecure_port(address)
        else:
            server.add_secure_port(address, certificates.server())
    except RuntimeError:
        raise SystemExit(
            f"{service}: port {settings.port} on {settings.host} is taken; "
            f"set {name}_PORT to a free one"
        ) from None
    if not settings.enable_metrics:
        return
    metrics.describe()
    try:
        prometheus_client.start_http_server(settings.metrics_port, settings.host)
    except OSError:
        raise SystemExit(
            f"{service}: metrics port {settings.metrics_port} on {settings.host} is taken; "
            f"set {name}_METRICS_PORT to a free one"
        ) from None
