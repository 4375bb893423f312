"""What can be chosen about the door, and the configuration that follows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from deploy.envoy import figures, replies, tls, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPLATE = Path(__file__).with_name("envoy.yaml.template")
REPOSITORY = Path(__file__).resolve().parents[2]

MIB = 1024 * 1024


@dataclass(frozen=True)
class Door:
    """The variables of `envoy.yaml.template` and their defaults."""

    listen_host: str = "127.0.0.1"
    """Where clients connect; 0.0.0.0 in a container."""
    listen_port: int = 8000
    admin_host: str = "127.0.0.1"
    admin_port: int = 9901
    figures_port: int = 0
    """Where Envoy shows its figures as /metrics, on the address of the door; 0 for nowhere."""
    gateways: tuple[str, ...] = ("127.0.0.1:50051",)
    """`host:port` of every gateway process."""
    descriptor: str = str(REPOSITORY / "protos" / "gen" / "facesvg.binpb")
    """The descriptor set that REST is transcoded by, as Envoy sees the path."""
    cors_origins: tuple[str, ...] = ("*",)
    """Origins whose pages may call; `*` is any. Calls carry no cookies."""
    requests_per_second: int = 1000
    """Of each Envoy process, bursts of as many; above it 429."""
    trusted_hops: int = 0
    """Proxies before this one whose x-forwarded-for is believed."""
    max_connections: int = 2000
    max_heap_bytes: int = 512 * MIB
    headers_timeout: str = "5s"
    """Of a request's headers; later ones are answered 408."""
    request_timeout: str = "60s"
    """Of a whole request: the only bound on a body that trickles."""
    idle_timeout: str = "30s"
    """Of a stream on which nothing passes."""
    tls: tuple[str, ...] = ()
    """Certificate and key for clients; plain HTTP without."""
    mtls: tuple[str, ...] = ()
    """Authority, certificate and key for gateways; plain without."""
    jwt: tuple[str, ...] = ()
    """Keys (JWKS file), issuer and audience, if any, of the JSON Web Tokens that are taken."""


def render(door: Door) -> str:
    """Return the whole configuration, YAML for Envoy 1.40."""
    return Template(TEMPLATE.read_text()).substitute(
        {name: yaml_value(value) for name, value in vars(door).items()},
        downstream_tls=yaml_value(tls.downstream(door.tls)),
        upstream_tls=yaml_value(tls.upstream(door.mtls)),
        token_filters=items(tokens.filters(door.jwt)),
        figures_listeners=items(figures.listeners(door.listen_host, door.figures_port)),
        figures_clusters=items(
            figures.clusters(door.figures_port, door.admin_host, door.admin_port)
        ),
        token_tenant=yaml_value(tokens.TENANT),
        gateways=yaml_value([endpoint(address) for address in door.gateways]),
        cors_origins=yaml_value([{"exact": origin} for origin in door.cors_origins]),
        local_replies=yaml_value(replies.mappers()),
    )


def endpoint(address: str) -> dict[str, Any]:
    """Return one endpoint of a cluster.

    >>> endpoint("gateway:50051")["endpoint"]["address"]["socket_address"]
    {'address': 'gateway', 'port_value': 50051}
    """
    host, _, port = address.rpartition(":")
    socket_address = {"address": host, "port_value": int(port)}
    return {"endpoint": {"address": {"socket_address": socket_address}}}


def items(found: Sequence[object]) -> str:
    """Return one item of a list, or nothing, for a line of its own in the template."""
    return "".join(f"- {yaml_value(item)}" for item in found)


def yaml_value(value: object) -> str:
    """Return a value as JSON, which is YAML wherever a value may stand."""
    return json.dumps(value)
