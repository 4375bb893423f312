"""Mutual TLS between the services: each shows a certificate and asks for the other's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """What a process shows its peers, and whose certificates it believes. PEM, read at the start.

    The same certificate serves and calls: it names the hosts that its service is reached by.
    """

    ca: Path
    cert: Path
    key: Path

    def server(self) -> grpc.ServerCredentials:
        """Return what a server shows; it turns away who has no certificate of the authority's."""
        pair = (self.key.read_bytes(), self.cert.read_bytes())
        return grpc.ssl_server_credentials(
            [pair], root_certificates=self.ca.read_bytes(), require_client_auth=True
        )

    def channel(self) -> grpc.ChannelCredentials:
        """Return what a client shows, and by what it knows the server."""
        return grpc.ssl_channel_credentials(
            root_certificates=self.ca.read_bytes(),
            private_key=self.key.read_bytes(),
            certificate_chain=self.cert.read_bytes(),
        )
