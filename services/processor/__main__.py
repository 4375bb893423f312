"""Runs the processor: `python -m services.processor`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import grpc

from facesvg.v1 import operations_pb2, processor_pb2, processor_pb2_grpc
from services.processor.broker import RedisQueue, open_broker
from services.processor.faults import FAULTS
from services.processor.intake import Intake
from services.processor.peers import CacheStore
from services.processor.servicer import ProcessorServicer
from services.processor.settings import ProcessorSettings
from services.runtime import channels, peers
from services.runtime.server import begin, serve
from services.runtime.settings import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

logger = logging.getLogger(__name__)

NAME = processor_pb2.DESCRIPTOR.services_by_name["ProcessorService"].full_name


async def main(settings: ProcessorSettings) -> None:
    """Serve until told to stop."""
    begin("processor", settings.server)
    queue = RedisQueue(open_broker(settings.redis_url, settings.heartbeat))
    async with channels.open_channel(settings.cache_address, settings.server.certificates) as cache:
        intake = Intake(
            CacheStore(cache, keeps_all=settings.keeps_inputs),
            queue,
            settings.limits,
            knows_all=settings.similarity_index,
        )
        servicer = ProcessorServicer(intake, settings.max_image_bytes)

        def register(server: grpc.aio.Server) -> Sequence[str]:
            processor_pb2_grpc.add_ProcessorServiceServicer_to_server(servicer, server)
            return [NAME]

        rescue = asyncio.create_task(rescue_stranded(intake, settings.stranded_every))
        try:
            await serve(
                "processor",
                settings.server,
                register,
                faults=FAULTS,
                dependencies={
                    "redis": partial(redis_state, queue),
                    "cache": partial(peers.state, "cache", cache),
                },
            )
        finally:
            rescue.cancel()


async def redis_state(queue: RedisQueue) -> operations_pb2.Dependency:
    """Return whether Redis answers."""
    try:
        version = await queue.version()
    except ConnectionError:
        return operations_pb2.Dependency(name="redis", healthy=False, detail="does not answer")
    return operations_pb2.Dependency(name="redis", healthy=True, detail=f"Redis {version}")


async def rescue_stranded(intake: Intake, every: timedelta) -> None:
    """Queue again, every so often, what lost its message or its worker; until cancelled."""
    while True:
        await asyncio.sleep(every.total_seconds())
        try:
            count = await intake.requeue_stranded()
        except grpc.RpcError:  # the cache is away, which readiness tells
            continue
        if count:
            logger.info("stranded tasks queued again", extra={"facts": {"tasks": count}})


if __name__ == "__main__":
    try:
        asyncio.run(main(ProcessorSettings.from_env(os.environ)))
    except SettingError as error:
        sys.exit(f"processor: {error}")
