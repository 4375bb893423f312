"""Makes what compose.prod.yaml keeps secret, once: `make secrets`.

What is there stays: a password that Postgres already knows must not change behind its back.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from services.gateway.access.keys import SCOPES, Key, digest_of, new_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).with_name("secrets")

REDIS_USERS = """\
user default off
user health on nopass resetkeys -@all +ping
user monitoring on nopass resetkeys -@all +ping +info +config|get +client|setname +slowlog +latency
user facesvg on >{redis} ~dramatiq ~dramatiq:* +@read +@write \
+@scripting +@connection -@dangerous +info +keys
"""
"""The queue may do all with its own keys; what asks for health and figures may ask; no one may
administer."""

READABLE = 0o644
"""By the accounts inside the containers; on the host the folder keeps others out."""


def main() -> None:
    """Write what is missing."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    for files in (postgres(), redis(), keys(), grafana()):
        print(made(FOLDER, files))


def made(folder: Path, files: Mapping[str, str]) -> str:
    """Write files that belong together, unless they are there; say what came of it."""
    missing = [name for name in files if not (folder / name).exists()]
    if missing and len(missing) < len(files):
        raise SystemExit(
            f"{folder} lacks {', '.join(missing)}, but has {', '.join(files.keys() - missing)}, "
            "which belongs to it; restore what is missing, or remove the other and what knows it"
        )
    for name in missing:
        (folder / name).write_text(files[name])
        (folder / name).chmod(READABLE)
    return f"{' and '.join(files)}: {'made' if missing else 'was there'}"


def postgres() -> dict[str, str]:
    """Return a new password, and the way to Postgres with it."""
    word = secrets.token_urlsafe(24)
    return {
        "postgres_password": word,
        "database_url": f"postgresql://facesvg:{word}@postgres:5432/facesvg",
    }


def redis() -> dict[str, str]:
    """Return the users of Redis with a new password, and the way to Redis with it."""
    word = secrets.token_urlsafe(24)
    return {
        "redis_users": REDIS_USERS.format(redis=word),
        "redis_url": f"redis://facesvg:{word}@redis:6379/0",
    }


def keys() -> dict[str, str]:
    """Return the operator's API key, and the file of keys that has it alone."""
    secret = new_secret()
    operator = Key("operator", digest_of(secret), "operator", frozenset(SCOPES))
    return {"api_key": f"{secret}\n", "api_keys": f"{operator.line()}\n"}


def grafana() -> dict[str, str]:
    """Return a new password of Grafana's administrator."""
    return {"grafana_password": secrets.token_urlsafe(24)}


if __name__ == "__main__":
    main()
