"""Whether callers need a key, by settings, and the guard that follows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from services.gateway.access.allowance import Allowances
from services.gateway.access.callers import Callers
from services.gateway.access.keyring import FileKeyring, KeyFileError, Keyring
from services.gateway.access.keys import KeyLineError, parsed
from services.runtime.settings import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.runtime.around import Before
    from services.runtime.settings import Env

MODES = ("auto", "keys", "off")


@dataclass(frozen=True)
class AccessSettings:
    """Who may call.

    `AUTH=auto` asks for keys where there are some, and refuses to start without any where the suite
    listens beyond this machine; `off` lets everybody in on purpose.
    """

    is_checked: bool
    keys: str
    keys_file: str
    knows_tokens: bool

    @classmethod
    def from_env(cls, env: Env) -> AccessSettings:
        """Read them; raises `SettingError` where keys are needed and there are none."""
        mode = env.choice("AUTH", "auto", MODES)
        file = env.text("API_KEYS_FILE", "")
        keys = "" if file else env.text("API_KEYS", "")
        knows_tokens = bool(env.text("JWT_JWKS_FILE", ""))
        found = cls(mode != "off", keys.replace(";", "\n"), file, knows_tokens)
        has_some = bool(file or keys or knows_tokens)
        # The door is the public side; where nobody says where it listens, this process may be.
        host = env.text("API_HOST", "") or env.text("GATEWAY_HOST", "127.0.0.1")
        is_far = not is_loopback(host)
        if not found.is_checked:
            return found
        if not has_some and (mode == "keys" or is_far):
            raise SettingError(
                "AUTH",
                mode,
                f"enough{f' for a suite that listens on {host}' if is_far else ''} without keys: "
                f"make one with `python -m services.gateway.keys new NAME` and name its file in "
                f"API_KEYS_FILE, or let everybody in with AUTH=off",
            )
        if has_some:
            found.keyring()
        return cls(has_some, found.keys, file, knows_tokens)

    def keyring(self) -> Keyring:
        """Return the keys; raises `SettingError` for a bad line."""
        try:
            if self.keys_file:
                return FileKeyring(Path(self.keys_file), time.monotonic)
            return Keyring(parsed(self.keys))
        except KeyFileError as error:
            raise SettingError(
                "API_KEYS_FILE", self.keys_file, f"a file of keys: {error}"
            ) from None
        except KeyLineError as error:
            # Not the value: a key put there by mistake must not be in the log.
            raise SettingError("API_KEYS", "…", f"a list of keys: {error}") from None


def guards(settings: AccessSettings) -> Sequence[Before]:
    """Return what stands before the gateway's methods."""
    if not settings.is_checked:
        return ()
    allowances = Allowances(lambda: datetime.now(UTC))
    return (Callers(settings.keyring(), allowances, knows_tokens=settings.knows_tokens),)


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address.

    >>> is_loopback("localhost"), is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
