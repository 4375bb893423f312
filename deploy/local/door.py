"""Envoy, configured from the one template of `deploy/envoy`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from deploy.envoy.door import render
from deploy.local import probes, tools
from deploy.local.part import Part
from deploy.local.services import LOOPBACK
from deploy.local.settings import cores

if TYPE_CHECKING:
    from deploy.envoy.door import Door
    from deploy.local.layout import Layout
    from deploy.local.settings import Settings

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
EXPECTED = (HTTPStatus.OK,)
ANY = (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE)


def plan(layout: Layout, settings: Settings, *, has_gateway: bool) -> Part:
    """Return the part; it answers once it lets requests through to a gateway, if there is one."""
    ports = settings.ports
    door = replace(
        settings.door,
        listen_host=settings.host,
        listen_port=ports.api_port,
        admin_port=ports.envoy_admin_port,
        gateways=(f"{LOOPBACK}:{ports.gateway_port}",),
    )
    return Part(
        name="envoy",
        command=(
            *(str(tools.envoy()), "--config-path", str(layout.envoy)),
            *("--concurrency", str(cores()), "--log-level", "warning"),
            # Several stacks on one machine: nothing is shared with another Envoy.
            "--disable-hot-restart",
        ),
        answers=lambda _: status(settings) in (EXPECTED if has_gateway else ANY),
        address=url(settings),
        ports={"API_PORT": ports.api_port, "ENVOY_ADMIN_PORT": ports.envoy_admin_port},
        prepare=partial(write, layout, door),
    )


def write(layout: Layout, door: Door) -> None:
    """Write the configuration."""
    layout.envoy.write_text(render(door))


def status(settings: Settings) -> int:
    """Return what the door says of itself: 200, 503 without a healthy gateway, 0 for nothing."""
    return probes.http_status(
        reachable(settings.host),
        settings.ports.api_port,
        "/envoy/ready",
        is_tls=bool(settings.door.tls),
    )


def url(settings: Settings) -> str:
    """Return where clients find the suite."""
    scheme = "https" if settings.door.tls else "http"
    return f"{scheme}://{reachable(settings.host)}:{settings.ports.api_port}"


def reachable(host: str) -> str:
    """Return an address to connect to, for one to listen on."""
    return LOOPBACK if host in EVERYWHERE else host
