"""API keys as they are written down: a line each, with the key's digest and never the key.

    ana sha256=9f86… tenant=studio scopes=draw,admin rate=10 quota=5000

A key is 256 random bits, so there is nothing to guess and one SHA-256 hides it for good; the slow
hashes of passwords protect only what people can remember, and would cost every call their time.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

PREFIX = "facesvg_"
"""What tells a key from other secrets, to people and to programs that look for leaked ones."""

DRAW = "draw"
ADMIN = "admin"
SCOPES = (DRAW, ADMIN)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
DIGEST = re.compile(r"[0-9a-f]{64}")
MOST = 10_000
"""Keys; each call is compared with every one."""


class KeyLineError(ValueError):
    """A line of the keys' file cannot be."""

    def __init__(self, number: int, wrong: str, right: str) -> None:
        super().__init__(f"line {number}: {wrong}; expected {right}")


@dataclass(frozen=True)
class Key:
    """One key: its SHA-256, whose it is, and what it allows.

    `rate` is calls a second and `quota` submissions a day; None is no limit.
    """

    name: str
    digest: bytes
    tenant: str
    scopes: frozenset[str] = frozenset({DRAW})
    rate: float | None = None
    quota: int | None = None

    def line(self) -> str:
        """Return the key as a line of the file."""
        scopes = ",".join(scope for scope in SCOPES if scope in self.scopes)
        words = [self.name, f"sha256={self.digest.hex()}", f"tenant={self.tenant}"]
        words += [f"scopes={scopes}"]
        words += [] if self.rate is None else [f"rate={self.rate:g}"]
        words += [] if self.quota is None else [f"quota={self.quota}"]
        return " ".join(words)


def new_secret() -> str:
    """Return a new key, to be shown once."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """Return what is kept of a key."""
    return hashlib.sha256(secret.encode()).digest()


def parsed(text: str) -> tuple[Key, ...]:
    """Return the keys of a text, a line each; raises `KeyLineError` for the first bad line.

    Blank lines and those that begin with `#` are skipped.

    >>> parsed("ana sha256=" + 64 * "0")[0].tenant
    'ana'
    """
    keys: dict[str, Key] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        key = key_of(number, words)
        if key.name in keys:
            raise KeyLineError(number, f"{key.name} comes twice", "a name for each key")
        keys[key.name] = key
    if len(keys) > MOST:
        raise KeyLineError(MOST + 1, "one key too many", f"at most {MOST}")
    return tuple(keys.values())


def key_of(number: int, words: list[str]) -> Key:
    """Return the key that the words of a line are; without a tenant it is its own."""
    name = matching(number, "name", words[0], NAME, "letters, digits, '.', '_' and '-'")
    facts: dict[str, str] = {}
    for word in words[1:]:
        fact, _, value = word.partition("=")
        if fact not in ("sha256", "tenant", "scopes", "rate", "quota") or fact in facts:
            raise KeyLineError(
                number, f"{fact[:64]!r}", "sha256=, tenant=, scopes=, rate=, quota=, each once"
            )
        facts[fact] = value
    digest = matching(number, "sha256", facts.get("sha256", ""), DIGEST, "64 hexadecimal digits")
    tenant = facts.get("tenant", name)
    return Key(
        name=name,
        digest=bytes.fromhex(digest),
        tenant=matching(number, "tenant", tenant, NAME, "letters, digits, '.', '_' and '-'"),
        scopes=scopes_of(number, facts.get("scopes", DRAW)),
        rate=amount(number, "rate", facts["rate"]) if "rate" in facts else None,
        quota=int(amount(number, "quota", facts["quota"])) if "quota" in facts else None,
    )


def matching(number: int, fact: str, value: str, pattern: re.Pattern[str], right: str) -> str:
    """Return `value` where it has the pattern."""
    if not pattern.fullmatch(value):
        raise KeyLineError(number, f"{fact} is {value[:64]!r}", right)
    return value


def scopes_of(number: int, text: str) -> frozenset[str]:
    """Return the scopes of a comma list."""
    scopes = frozenset(text.split(","))
    if not scopes <= set(SCOPES):
        raise KeyLineError(number, f"scopes is {text[:64]!r}", f"of {', '.join(SCOPES)}")
    return scopes


def amount(number: int, fact: str, text: str) -> float:
    """Return a number above zero."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < 1e9:  # noqa: PLR2004 - beyond any machine
        raise KeyLineError(number, f"{fact} is {text[:64]!r}", "a number above 0")
    return found
