"""TLS at the door: what it shows clients, and how it speaks to gateways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

KIND = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3"
TLS_1_2 = {"tls_minimum_protocol_version": "TLSv1_2"}


def downstream(files: Sequence[str]) -> dict[str, Any] | None:
    """Return the socket for clients: certificate and key; None for plain HTTP."""
    if not files:
        return None
    common = {**certificate(*files), "alpn_protocols": ["h2", "http/1.1"], "tls_params": TLS_1_2}
    return socket("DownstreamTlsContext", common)


def upstream(files: Sequence[str]) -> dict[str, Any] | None:
    """Return the socket for gateways: authority, certificate and key; None for plain."""
    if not files:
        return None
    ca, *shown = files
    trusted = {"trusted_ca": {"filename": ca}}
    common = {**certificate(*shown), "alpn_protocols": ["h2"], "validation_context": trusted}
    # Clients of the suite have no certificate of its authority: any that has one is a part of it.
    return socket("UpstreamTlsContext", common)


def certificate(cert: str, key: str) -> dict[str, Any]:
    """Return a certificate and its key."""
    pair = {"certificate_chain": {"filename": cert}, "private_key": {"filename": key}}
    return {"tls_certificates": [pair]}


def socket(kind: str, common: dict[str, Any]) -> dict[str, Any]:
    """Return a transport socket."""
    config = {"@type": f"{KIND}.{kind}", "common_tls_context": common}
    return {"name": "envoy.transport_sockets.tls", "typed_config": config}
