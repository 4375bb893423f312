"""Looks names up without anybody waiting for a name server that never answers."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.gateway.webhooks.guard import Address


async def resolve(host: str, port: int) -> Sequence[Address]:
    """Return the addresses of a name; raises OSError.

    In a thread of its own that ends by itself: whoever owns a name may let its lookup last, and the
    loop's own threads would be taken by such, and waited for when the service ends.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[Address]] = loop.create_future()

    def settle(found: Sequence[Address] | OSError) -> None:
        if answer.done():  # nobody waits any more
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def ask() -> None:
        found = looked_up(host, port)
        with suppress(RuntimeError):  # the service has ended
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=ask, name="webhook-names", daemon=True).start()
    return await answer


def looked_up(host: str, port: int) -> Sequence[Address] | OSError:
    """Return the addresses of a name, or why there are none."""
    try:
        found: Any = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    except UnicodeError:  # a part of it is longer than parts of names are
        return OSError("it can be nobody's name")
    return [ip_address(address[0]) for *_, address in found]
