"""What both kinds of channel are opened with."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc

from facesvg_client import address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facesvg_client.address import Address

DEFAULT_URL = "http://localhost:8000"
URL_VARIABLE = "FACESVG_URL"
KEY_VARIABLE = "FACESVG_API_KEY"
CA_VARIABLE = "FACESVG_CA"
LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes. A record with its drawing is a few MiB at the most."""


@dataclass(frozen=True)
class Door:
    """Where to call, and as whom. `ca` is a PEM file; without it the usual authorities count."""

    address: Address
    api_key: str = field(default="", repr=False)
    ca: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        url: str | None = None,
        api_key: str | None = None,
        ca: str | os.PathLike[str] | bytes | None = None,
    ) -> Door:
        """Return the door that is named, or that `FACESVG_URL`, `_API_KEY` and `_CA` name."""
        url = url or os.environ.get(URL_VARIABLE) or DEFAULT_URL
        api_key = os.environ.get(KEY_VARIABLE, "") if api_key is None else api_key
        ca = ca or os.environ.get(CA_VARIABLE) or None
        pem = ca if isinstance(ca, bytes) or ca is None else Path(ca).read_bytes()
        return cls(address.parse(url), api_key, pem)

    @property
    def metadata(self) -> Sequence[tuple[str, str]]:
        """What goes with every call."""
        return [("x-api-key", self.api_key)] if self.api_key else []

    @property
    def credentials(self) -> grpc.ChannelCredentials | None:
        """What TLS is spoken with; None is without."""
        return grpc.ssl_channel_credentials(self.ca) if self.address.is_secure else None

    @property
    def options(self) -> list[tuple[str, Any]]:
        """The channel's options."""
        return [
            ("grpc.primary_user_agent", f"facesvg-client/{metadata.version('facesvg-client')}"),
            ("grpc.enable_retries", 0),  # the client knows better what may be repeated
            ("grpc.enable_http_proxy", 0 if self.address.is_local else 1),
            ("grpc.max_receive_message_length", LARGEST_ANSWER),
            # A watch is silent for 15 s at the most; without this a dead line is silent for ever.
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.keepalive_timeout_ms", 10_000),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 2000),
        ]
