"""Puts the courier together and has it work beside the service."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from facesvg.v1 import cache_pb2_grpc
from services.gateway.webhooks.courier import Courier
from services.gateway.webhooks.outbox import CacheOutbox
from services.gateway.webhooks.posting import Poster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import grpc

    from services.gateway.webhooks.settings import WebhookSettings


@asynccontextmanager
async def courier(settings: WebhookSettings, cache: grpc.aio.Channel) -> AsyncIterator[None]:
    """Have callback URLs called within the block, where there are webhooks."""
    if not settings.is_on:
        yield
        return
    poster = Poster(settings.guard, settings.secrets, settings.timeout)
    outbox = CacheOutbox(cache_pb2_grpc.CacheServiceStub(cache))
    running = Courier(outbox, poster, settings.pauses)
    calling = asyncio.create_task(running.run())
    try:
        yield
    finally:
        running.end()
        await asyncio.wait([calling], timeout=settings.timeout.total_seconds())
        calling.cancel()
