"""The pages over gRPC, and through Envoy over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.api.httpbody_pb2 import HttpBody

from facesvg.v1 import pages_pb2_grpc as rpc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import grpc

    from facesvg.v1 import pages_pb2
    from services.gateway.site.shelf import File, Shelf

    Context = grpc.aio.ServicerContext[Any, Any]

PIECE_BYTES = 256 * 1024

PAGES = {
    "": "index.html",
    "docs": "docs.html",
    "redoc": "redoc.html",
    "openapi.json": "openapi.json",
}

# Scripts and styles are files of ours; pictures may also be what a page itself has made.
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# Redoc writes styles into its page, and brings a font along.
POLICIES = {"redoc.html": f"{POLICY}; style-src 'self' 'unsafe-inline'; font-src data:"}


@dataclass(frozen=True)
class PagesServicer(rpc.PagesServiceServicer):
    """Serves `facesvg.v1.PagesService`."""

    shelf: Shelf

    async def GetPage(
        self, request: pages_pb2.GetPageRequest, context: Context
    ) -> AsyncIterator[HttpBody]:
        """Send a page."""
        async for piece in self._sent(PAGES.get(request.name, request.name), context):
            yield piece

    async def GetFile(
        self, request: pages_pb2.GetFileRequest, context: Context
    ) -> AsyncIterator[HttpBody]:
        """Send a file."""
        async for piece in self._sent(request.path, context):
            yield piece

    async def _sent(self, name: str, context: Context) -> AsyncIterator[HttpBody]:
        file = await asyncio.to_thread(self.shelf.read, name)
        await context.send_initial_metadata(headers(name, file))
        yield HttpBody(content_type=file.kind, data=file.data[:PIECE_BYTES])
        for start in range(PIECE_BYTES, len(file.data), PIECE_BYTES):
            yield HttpBody(data=file.data[start : start + PIECE_BYTES])


def headers(name: str, file: File) -> tuple[tuple[str, str], ...]:
    """Return the HTTP headers of a file."""
    return (
        ("etag", file.etag),
        ("cache-control", keeping(name)),
        ("content-security-policy", POLICIES.get(name, POLICY)),
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
    )


def keeping(name: str) -> str:
    """Return how long browsers keep a file without asking again.

    Asking saves nothing: through the door there is no 304, a file that is asked for comes whole.
    Packages and samples hardly change; scripts and styles may with every start, so a minute it is.
    """
    if name.startswith(("vendor/", "samples/")):
        return "public, max-age=86400"
    return "no-cache" if name in PAGES.values() else "public, max-age=60"
