"""Redis on a socket, as a queue wants it: nothing evicted, every write logged."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from deploy.local import probes, tools
from deploy.local.part import Part

if TYPE_CHECKING:
    from deploy.local.layout import Layout


def plan(layout: Layout) -> tuple[Part, str]:
    """Return the part and its URL."""
    socket = layout.socket(layout.redis, "redis.sock")
    url = f"unix://{quote(str(socket), safe='/')}?db=0"
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(layout.redis),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    part = Part(
        name="redis",
        command=(
            str(tools.redis()),
            *(word for name, value in options.items() for word in (f"--{name}", value)),
        ),
        answers=lambda _: probes.redis_server(url),
        address=str(socket),
        cwd=layout.redis,
    )
    return part, url
