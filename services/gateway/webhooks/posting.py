"""Sends one message over HTTP, to an address that the guard has admitted."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from services import __version__
from services.gateway.webhooks.guard import BadCallback, address_of
from services.gateway.webhooks.names import resolve
from services.gateway.webhooks.signature import sign

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import timedelta
    from ssl import SSLContext

    from services.gateway.webhooks.guard import Address, Guard, Target

AGENT = f"facesvg/{__version__}"
ADDRESSES = 3
"""Of one name that are tried: one of each protocol, and another."""

# They log the URL of every request, which may be a secret.
for library in ("httpx", "httpcore"):
    logging.getLogger(library).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Reply:
    """What became of sending: the status that was answered, if any was, and what went wrong."""

    status: int | None = None
    error: str = ""
    retry_after: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has the message."""
        return self.status is not None and httpx.codes.is_success(self.status)

    @property
    def is_final(self) -> bool:
        """Whether the receiver wants no more of it."""
        return self.status == httpx.codes.GONE


@dataclass(frozen=True)
class Poster:
    """Signs and sends. Nothing of an answer but its status is read, and no redirect followed."""

    guard: Guard
    secrets: Sequence[bytes] = field(repr=False)
    timeout: timedelta
    resolve: Callable[[str, int], Awaitable[Sequence[Address]]] = resolve
    now: Callable[[], float] = time.time
    certificates: SSLContext = field(default_factory=httpx.create_ssl_context, repr=False)

    async def post(self, url: str, message_id: str, body: bytes) -> Reply:
        """Send a message and return what became of it, within the time there is."""
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                target = self.guard.target(url)
                addresses = await self._addresses(target)
                return await self._send(target, addresses, self._headers(message_id, body), body)
        except BadCallback as error:
            return Reply(error=str(error))
        except (TimeoutError, httpx.TimeoutException):
            return Reply(error=f"no answer within {self.timeout.total_seconds():g} seconds")
        except OSError as error:
            return Reply(error=f"the name leads nowhere: {error.strerror or error}")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Reply(error=f"the call failed: {str(error) or type(error).__name__}")

    async def _addresses(self, target: Target) -> Sequence[Address]:
        """Look the name up, once: who is asked twice may answer twice."""
        literal = address_of(target.host)
        found = [literal] if literal else await self.resolve(target.host, target.port)
        self.guard.admit(found)
        return list(dict.fromkeys(found))[:ADDRESSES]

    async def _send(
        self,
        target: Target,
        addresses: Sequence[Address],
        headers: dict[str, str],
        body: bytes,
    ) -> Reply:
        *earlier, last = addresses
        seconds = self.timeout.total_seconds()
        patience = httpx.Timeout(seconds, connect=seconds / len(addresses))
        async with httpx.AsyncClient(
            verify=self.certificates, trust_env=False, timeout=patience
        ) as client:
            for address in earlier:
                try:
                    return await self._call(client, target, address, headers, body)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    continue
            return await self._call(client, target, last, headers, body)

    async def _call(
        self,
        client: httpx.AsyncClient,
        target: Target,
        address: Address,
        headers: dict[str, str],
        body: bytes,
    ) -> Reply:
        host = f"[{address}]" if ":" in str(address) else str(address)
        async with client.stream(
            "POST",
            f"{target.scheme}://{host}:{target.port}{target.path}",
            headers={**headers, "host": target.authority},
            content=body,
            extensions={"sni_hostname": target.host},
        ) as answer:
            status, retry_after = answer.status_code, answer.headers.get("retry-after", "")
        if httpx.codes.is_success(status):
            return Reply(status)
        told = "redirects are not followed" if 300 <= status < 400 else "expected 2xx"  # noqa: PLR2004
        return Reply(status, f"answered {status}; {told}", retry_after)

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        timestamp = int(self.now())
        return {
            "content-type": "application/json",
            "user-agent": AGENT,
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self.secrets, message_id, timestamp, body),
        }
