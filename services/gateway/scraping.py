"""Reads metrics that a service shows over HTTP alone, from each of the addresses of its name."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from services.gateway.exposition import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WITHIN = 2.0
"""Seconds that a page has to come."""

# Whatever proxy the machine sends its own calls through has no part in this.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


async def scraped(service: str, url: str) -> Mapping[Source, bytes | None]:
    """Return a service's pages; each says which instance it is of where there are several."""
    found = await asyncio.to_thread(instances, url)
    pages = await asyncio.gather(*(asyncio.to_thread(fetched, one) for one in found))
    if len(found) <= 1:
        return {Source(service): pages[0] if pages else None}
    return {
        Source(service, urlsplit(one).netloc): page for one, page in zip(found, pages, strict=True)
    }


def instances(url: str) -> Sequence[str]:
    """Return the URL once for each address that its host's name stands for; none for no URL.

    A host of both kinds of address is one instance, not two.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        return ()
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return ()
    first = min(family for family, *_ in found)  # IPv4, where there is some
    hosts = sorted({bracketed(str(address[0])) for family, *_, address in found if family == first})
    return [urlunsplit(parts._replace(netloc=f"{host}:{parts.port or 80}")) for host in hosts]


def fetched(url: str) -> bytes | None:
    """Return a page; None when there is none within a while."""
    try:
        with DIRECT.open(url, timeout=WITHIN) as answer:
            page: bytes = answer.read()
    except (OSError, ValueError):
        return None
    return page


def bracketed(host: str) -> str:
    """Return an address as a URL has it.

    >>> bracketed("::1"), bracketed("10.0.0.1")
    ('[::1]', '10.0.0.1')
    """
    return f"[{host}]" if ":" in host else host
