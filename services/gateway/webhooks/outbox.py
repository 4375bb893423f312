"""The cache as the courier sees it: `courier.Outbox` over gRPC."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict

from facesvg.v1 import cache_pb2
from services.gateway.peers import CacheAway
from services.gateway.webhooks.courier import Message
from services.runtime import again

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from facesvg.v1 import cache_pb2_grpc
    from facesvg.v1.webhook_pb2 import WebhookEvent
    from services.gateway.webhooks.courier import Verdict


class CacheOutbox:
    """Takes messages from the cache and reports on them."""

    def __init__(self, stub: cache_pb2_grpc.CacheServiceAsyncStub) -> None:
        self._stub = stub

    async def take(self, limit: int, lease: timedelta) -> Sequence[Message]:
        """Take messages; not again when that fails, they come back by themselves."""
        request = cache_pb2.TakeDeliveriesRequest(limit=limit, lease=duration(lease))
        try:
            answer = await self._stub.TakeDeliveries(request)
        except grpc.aio.AioRpcError as error:
            raise CacheAway from error
        return [message_of(due) for due in answer.deliveries]

    async def report(self, message: Message, verdict: Verdict) -> None:
        """Tell what became of one."""
        reply, pause = verdict.reply, verdict.retry_after
        request = cache_pb2.ReportDeliveryRequest(
            delivery_id=message.delivery_id,
            attempt=message.attempt,
            delivered=reply.is_taken,
            retry_after=duration(pause) if pause is not None else None,
            http_status=reply.status,
            error=reply.error,
        )
        try:
            await again.insisting(lambda: self._stub.ReportDelivery(request))
        except grpc.aio.AioRpcError as error:
            raise CacheAway from error


def message_of(due: cache_pb2.DueDelivery) -> Message:
    """Return a message as it is sent."""
    return Message(
        delivery_id=due.delivery_id,
        task_id=due.event.data.task_id,
        url=due.callback_url,
        attempt=due.attempt,
        body=body_of(due.event),
    )


def body_of(event: WebhookEvent) -> bytes:
    """Return what is posted: the same bytes whoever sends it, and whenever."""
    told = MessageToDict(
        event, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return json.dumps(told, separators=(",", ":")).encode()


def duration(span: timedelta) -> Duration:
    """Return a span as the contract has it."""
    result = Duration()
    result.FromTimedelta(span)
    return result
