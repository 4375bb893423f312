"""Which callback URLs may be called: what a client names must not lead into the service's own net.

A URL is checked when it is submitted, its name each time before it is called: who owns a name may
let it lead anywhere by then. Whoever calls goes to the very address that was admitted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\.?")
DEFAULT_PORTS = {"https": 443, "http": 80}

# The last 32 bits of what translates between the protocols are an IPv4 address (RFC 6052).
TRANSLATED = IPv6Network("64:ff9b::/96")
COMPATIBLE = IPv6Network("::/96")

# Some releases of Python take these for public.
PRIVATE = (IPv4Network("192.0.0.0/24"), IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))


class BadCallback(ValueError):
    """A callback URL cannot be, or must not be called."""


@dataclass(frozen=True)
class Target:
    """Whom to call: `host` is a name or an address, `path` has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the request's `Host` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True)
class Guard:
    """The rules of this service; `networks` may be called although they are not public."""

    ports: frozenset[int]
    networks: Sequence[Network] = ()
    allows_http: bool = False

    def target(self, url: str) -> Target:
        """Return whom a URL calls; raises `BadCallback`, without the URL: it may be a secret."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadCallback("it is no URL that can be read") from None
        if parts.scheme not in self._schemes:
            raise BadCallback(f"it begins with {parts.scheme}:, not {' or '.join(self._schemes)}:")
        if "@" in parts.netloc:
            raise BadCallback("it has a user or a password; a receiver knows us by the signature")
        if "#" in url or "\\" in url or not url.isprintable():
            raise BadCallback("it has a fragment, a backslash, or what cannot be printed")
        host = parts.hostname or ""
        port = DEFAULT_PORTS[parts.scheme] if port is None else port
        if port not in self.ports:
            raise BadCallback(
                f"port {port} is not one of {', '.join(map(str, sorted(self.ports)))}"
            )
        literal = address_of(host)
        if literal is not None:
            self.admit([literal])
        elif not HOST.fullmatch(host):
            raise BadCallback(f"{host[:64]!r} is no host")
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        return Target(parts.scheme, host, port, path)

    def admit(self, addresses: Iterable[Address]) -> None:
        """Raise `BadCallback` unless every address may be called."""
        for address in addresses:
            if not self._may_call(address):
                raise BadCallback(f"{address} is not a public address")

    @property
    def _schemes(self) -> Sequence[str]:
        return ("https", "http") if self.allows_http else ("https",)

    def _may_call(self, address: Address) -> bool:
        meant = embedded(address)
        if any(each in network for network in self.networks for each in (address, meant)):
            return True
        return is_public(address) and is_public(meant)


def address_of(host: str) -> Address | None:
    """Return the address that a host is written as, None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one leads to, else the address itself.

    >>> embedded(ip_address("::ffff:127.0.0.1"))
    IPv4Address('127.0.0.1')
    """
    if isinstance(address, IPv4Address):
        return address
    if address in TRANSLATED or address in COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def is_public(address: Address) -> bool:
    """Return whether anybody on the internet can be meant: no multicast, nothing reserved."""
    if any(address in network for network in PRIVATE) or getattr(address, "scope_id", None):
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return True  # what it is mapped to decides
    if isinstance(address, IPv6Address) and address in TRANSLATED:
        return True
    return address.is_global and not (address.is_multicast or address.is_reserved)
