"""Runs the gateway: `python -m services.gateway`."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from facesvg.v1 import (
    cache_pb2_grpc,
    gateway_pb2,
    gateway_pb2_grpc,
    operations_pb2_grpc,
    pages_pb2,
    pages_pb2_grpc,
    processor_pb2,
    processor_pb2_grpc,
)
from services.gateway.access.settings import guards
from services.gateway.counting import Counted
from services.gateway.departures import Departures
from services.gateway.drawings import Drawings
from services.gateway.faults import FAULTS
from services.gateway.foresight import Foresight
from services.gateway.hot import Hot
from services.gateway.intake import Intake
from services.gateway.memory import Memory
from services.gateway.pace import Pace
from services.gateway.peers import CachePeer
from services.gateway.processor import ProcessorPeer
from services.gateway.query import QueryNames
from services.gateway.servicer import GatewayServicer
from services.gateway.settings import GatewaySettings
from services.gateway.site import shelf
from services.gateway.site.servicer import PagesServicer
from services.gateway.submissions import Submissions
from services.gateway.suite import Suite
from services.gateway.tally import Tally
from services.gateway.tickets import TICKET_BYTES, Tickets
from services.gateway.traffic import Traffic
from services.gateway.webhooks.callbacks import Callbacks
from services.gateway.webhooks.running import courier
from services.runtime import channels, peers
from services.runtime.sending import sender
from services.runtime.server import begin, serve
from services.runtime.settings import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import grpc

PROCESSOR = processor_pb2.DESCRIPTOR.services_by_name["ProcessorService"]
NAMES = [
    gateway_pb2.DESCRIPTOR.services_by_name["GatewayService"].full_name,
    pages_pb2.DESCRIPTOR.services_by_name["PagesService"].full_name,
]


async def main(settings: GatewaySettings) -> None:
    """Serve until told to stop."""
    begin("gateway", settings.server)
    async with (
        channels.open_channel(settings.cache_address, settings.server.certificates) as cache,
        channels.open_channel(
            settings.processor_address, settings.server.certificates
        ) as processor,
        courier(settings.webhooks, cache),
    ):
        tally = Tally(CachePeer(cache_pb2_grpc.CacheServiceStub(cache)))
        servicer = compose(settings, cache, processor, tally)
        pages = PagesServicer(shelf.filled())

        def register(server: grpc.aio.Server) -> Sequence[str]:
            gateway_pb2_grpc.add_GatewayServiceServicer_to_server(servicer, server)
            pages_pb2_grpc.add_PagesServiceServicer_to_server(pages, server)
            return NAMES

        await serve(
            "gateway",
            settings.server,
            register,
            faults=FAULTS,
            dependencies={
                "cache": partial(peers.state, "cache", cache),
                "processor": partial(peers.state, "processor", processor),
            },
            counting=Traffic(),
            within=[*guards(settings.access), QueryNames()],
        )
        await tally.end()


def compose(
    settings: GatewaySettings, cache: grpc.aio.Channel, processor: grpc.aio.Channel, tally: Tally
) -> GatewayServicer:
    """Return the gateway's servicer on channels to its peers."""
    hooks = settings.webhooks
    cache_stub = cache_pb2_grpc.CacheServiceStub(cache)
    processor_stub = processor_pb2_grpc.ProcessorServiceStub(processor)
    submit_task = sender(processor, PROCESSOR.methods_by_name["SubmitTask"])
    tasks = CachePeer(cache_stub)
    half = settings.hot_bytes // 2
    hot = Hot(tasks, tally, Memory(half), Tickets(tasks, half // TICKET_BYTES))
    pace = Pace()
    return GatewayServicer(
        intake=Intake(settings.limits, Callbacks(hooks.guard if hooks.is_on else None)),
        submissions=Counted(Submissions(hot, ProcessorPeer(submit_task), pace, Foresight())),
        drawings=Drawings(hot, settings.render_timeout),
        departures=Departures(tasks),
        tasks=tasks,
        suite=Suite(
            {
                "processor": operations_pb2_grpc.OperationsServiceStub(processor),
                "cache": operations_pb2_grpc.OperationsServiceStub(cache),
            },
            {"worker": settings.worker_metrics_url},
        ),
        pace=pace,
        cache=cache_stub,
        processor=processor_stub,
    )


if __name__ == "__main__":
    try:
        asyncio.run(main(GatewaySettings.from_env(os.environ)))
    except SettingError as error:
        sys.exit(f"gateway: {error}")
