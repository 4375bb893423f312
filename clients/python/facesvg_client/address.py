"""Where a suite listens, out of what a person writes."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Address:
    """A host, a port, and whether TLS is spoken there."""

    host: str
    port: int
    is_secure: bool

    @property
    def target(self) -> str:
        """The address as gRPC has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether it is this machine, which no proxy leads to."""
        return self.host in LOOPBACK


def parse(url: str) -> Address:
    """Return the address that `url` means; raises `ValueError` for what can be none.

    Without a scheme it is plain, without TLS.

    >>> parse("https://faces.example.org").target, parse("localhost:8000").is_secure
    ('faces.example.org:443', False)
    """
    found = urlsplit(url if "://" in url else f"http://{url}")
    wrong = ValueError(
        f"the address is {url!r}; expected http://host:port, https://host:port or host:port"
    )
    try:
        port = found.port
    except ValueError:
        raise wrong from None
    is_more = found.path.strip("/") or found.query or found.fragment or found.username
    if found.scheme not in PORTS or not found.hostname or is_more:
        raise wrong
    return Address(found.hostname, port or PORTS[found.scheme], found.scheme == "https")
