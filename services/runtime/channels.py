"""Channels to the other services: request ids, spans, deadlines and retries come with them."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import grpc

from services.runtime import deadlines, tracing
from services.runtime.context import REQUEST_ID_KEY, request_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.runtime.tls import Certificates
    from services.runtime.tracing import Span

UNARY_SECONDS = 5.0
STREAM_SECONDS = 60.0

# Reads may be repeated; a stream that carried an upload may not.
SERVICE_CONFIG = {
    # Calls go to every replica that a name stands for, not to the first alone.
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [
                {"service": "facesvg.v1.CacheService", "method": method}
                for method in (
                    "FindResult",
                    "ListErasures",
                    "GetTask",
                    "ListTasks",
                    "GetStats",
                    "WatchTask",
                    "ReadSvg",
                )
            ],
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.05s",
                "maxBackoff": "1s",
                "backoffMultiplier": 3,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}

UNTROUBLED = ("OK", "CANCELLED")
"""What a call may end with without anything being wrong: who cancels it has no more use for it."""

OPTIONS: list[tuple[str, Any]] = [
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    ("grpc.enable_http_proxy", 0),  # the suite's own parts are never behind one
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 1024 * 1024),
]


def open_channel(target: str, certificates: Certificates | None = None) -> grpc.aio.Channel:
    """Return a channel for this event loop, plain without certificates; the caller closes it."""
    interceptors = [UnaryUnary(), UnaryStream(), StreamUnary()]
    if certificates is None:
        return grpc.aio.insecure_channel(target, options=OPTIONS, interceptors=interceptors)
    return grpc.aio.secure_channel(
        target, certificates.channel(), options=OPTIONS, interceptors=interceptors
    )


def open_sync_channel(target: str, certificates: Certificates | None = None) -> grpc.Channel:
    """Return a channel for threads, as workers have; the caller closes it.

    Never open one before a process forks.
    """
    if certificates is None:
        channel = grpc.insecure_channel(target, options=OPTIONS)
    else:
        channel = grpc.secure_channel(target, certificates.channel(), options=OPTIONS)
    return grpc.intercept_channel(channel, SyncCalls())


def completed(details: Any, seconds: float, span: Span | None = None) -> grpc.aio.ClientCallDetails:
    """Return the call's details with the request id, and `seconds` where no deadline is set.

    What the call does is a part of `span`, else of what it is made for.

    A negative deadline of the caller means none at all: a watch lasts as long as its watcher.
    Whatever is chosen, the call ends when those who wait for it have gone: see `deadlines`.
    """
    metadata = list(details.metadata or ())
    if known := request_id.get():
        metadata.append((REQUEST_ID_KEY, known))
    metadata.extend(tracing.headers(span))
    timeout = seconds if details.timeout is None else details.timeout
    return grpc.aio.ClientCallDetails(
        method=details.method,
        timeout=deadlines.bounded(None if timeout < 0 else timeout),
        metadata=grpc.aio.Metadata(*metadata),
        credentials=details.credentials,
        wait_for_ready=details.wait_for_ready,
    )


async def made(continuation: Callable[..., Any], details: Any, seconds: float, sent: Any) -> Any:
    """Make a call, completed, and let its span end when it does."""
    span = tracing.call(details.method)
    call = await continuation(completed(details, seconds, span), sent)
    if span is not None:
        following = asyncio.ensure_future(follow(call, span))
        FOLLOWED.add(following)
        following.add_done_callback(FOLLOWED.discard)
    return call


FOLLOWED: set[asyncio.Future[None]] = set()
"""The loop itself holds its tasks weakly."""


async def follow(call: Any, span: Span) -> None:
    """End a span with its call."""
    ended(span, (await call.code()).name)


class UnaryUnary(grpc.aio.UnaryUnaryClientInterceptor):
    """Completes unary calls."""

    async def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        """Complete the call."""
        return await made(continuation, client_call_details, UNARY_SECONDS, request)


class UnaryStream(grpc.aio.UnaryStreamClientInterceptor):
    """Completes calls that are answered by a stream."""

    async def intercept_unary_stream(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        """Complete the call."""
        return await made(continuation, client_call_details, STREAM_SECONDS, request)


class StreamUnary(grpc.aio.StreamUnaryClientInterceptor):
    """Completes calls that send a stream."""

    async def intercept_stream_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request_iterator: Any
    ) -> Any:
        """Complete the call."""
        return await made(continuation, client_call_details, STREAM_SECONDS, request_iterator)


class SyncCalls(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
):
    """The same for threads."""

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Complete the call."""
        return self._made(continuation, details, UNARY_SECONDS, request)

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        """Complete the call."""
        return self._made(continuation, details, STREAM_SECONDS, request)

    def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        """Complete the call."""
        return self._made(continuation, details, STREAM_SECONDS, requests)

    @staticmethod
    def _made(continuation: Any, details: Any, seconds: float, sent: Any) -> Any:
        span = tracing.call(details.method)
        call = continuation(completed(details, seconds, span), sent)
        if span is not None:
            call.add_done_callback(lambda done: ended(span, done.code().name))
        return call


def ended(span: Span, status: str) -> None:
    """End the span of a call."""
    tracing.ended(span, status, is_trouble=status not in UNTROUBLED)
