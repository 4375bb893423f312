"""Envoy's own figures for Prometheus, on a port apart from the door and from its administration."""

from __future__ import annotations

from typing import Any

PATH = "/metrics"
CLUSTER = "administration"
MANAGER = "envoy.filters.network.http_connection_manager"
KIND = "type.googleapis.com/envoy.extensions.filters"


def listeners(host: str, port: int) -> list[dict[str, Any]]:
    """Return the listener that shows the figures and nothing else; none for port 0."""
    if not port:
        return []
    to_figures = {
        "match": {"path": PATH},
        "route": {"cluster": CLUSTER, "prefix_rewrite": "/stats/prometheus"},
    }
    config = {
        "@type": f"{KIND}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "figures",
        "route_config": {
            "virtual_hosts": [{"name": "figures", "domains": ["*"], "routes": [to_figures]}]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{KIND}.http.router.v3.Router"},
            }
        ],
    }
    address = {"socket_address": {"address": host, "port_value": port}}
    chain = {"filters": [{"name": MANAGER, "typed_config": config}]}
    return [{"name": "figures", "address": address, "filter_chains": [chain]}]


def clusters(port: int, admin_host: str, admin_port: int) -> list[dict[str, Any]]:
    """Return the way to where the figures are; none without a listener for them."""
    if not port:
        return []
    address = {"socket_address": {"address": admin_host, "port_value": admin_port}}
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    assignment = {"cluster_name": CLUSTER, "endpoints": endpoints}
    return [{"name": CLUSTER, "type": "STATIC", "load_assignment": assignment}]
