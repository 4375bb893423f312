"""Settings of webhooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

from services.gateway.webhooks.guard import Guard
from services.gateway.webhooks.pauses import Pauses
from services.gateway.webhooks.signature import secret_of
from services.runtime.settings import LAST_PORT, SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Network, IPv6Network

    from services.runtime.settings import Env


@dataclass(frozen=True)
class WebhookSettings:
    """Whether and how callback URLs are called: only where there is a secret to sign with."""

    secrets: Sequence[bytes] = field(repr=False)
    guard: Guard
    pauses: Pauses
    timeout: timedelta

    @property
    def is_on(self) -> bool:
        """Whether callback URLs are called."""
        return bool(self.secrets)

    @classmethod
    def from_env(cls, env: Env) -> WebhookSettings:
        """Read them; raises `SettingError` for the first bad one."""
        return cls(
            secrets=secrets(env),
            guard=Guard(
                ports=frozenset(ports(env)),
                networks=networks(env),
                allows_http=env.flag("WEBHOOK_ALLOW_HTTP", False),
            ),
            pauses=Pauses(
                first=timedelta(seconds=env.number("WEBHOOK_RETRY_SECONDS", 10, minimum=0.01)),
                max_attempts=env.integer("WEBHOOK_MAX_ATTEMPTS", 8, minimum=1, maximum=100),
            ),
            timeout=timedelta(
                seconds=env.number("WEBHOOK_TIMEOUT_SECONDS", 10, minimum=0.1, maximum=60)
            ),
        )


def secrets(env: Env) -> Sequence[bytes]:
    """Read the secrets; several sign while one takes the place of another."""
    try:
        return tuple(map(secret_of, words(env.text("WEBHOOK_SECRET", ""))))
    except ValueError as error:
        # Not the value: what was meant as a secret must not be in the log.
        raise SettingError("WEBHOOK_SECRET", "…", f"a list of secrets: {error}") from None


def ports(env: Env) -> Sequence[int]:
    """Read the ports that may be called."""
    text = env.text("WEBHOOK_PORTS", "80,443,8443")
    found = [int(word) if word.isdecimal() else 0 for word in words(text)]
    if not found or not all(1 <= port <= LAST_PORT for port in found):
        raise SettingError("WEBHOOK_PORTS", text, f"a list of ports from 1 to {LAST_PORT}")
    return found


def networks(env: Env) -> Sequence[IPv4Network | IPv6Network]:
    """Read the networks that may be called although they are not public."""
    text = env.text("WEBHOOK_ALLOWED_NETWORKS", "")
    try:
        return tuple(map(ip_network, words(text)))
    except ValueError as error:
        right = f"a list of networks such as 10.1.0.0/16: {error}"
        raise SettingError("WEBHOOK_ALLOWED_NETWORKS", text, right) from None


def words(text: str) -> Sequence[str]:
    """Return the words of a list: commas, spaces and lines part them."""
    return text.replace(",", " ").split()
