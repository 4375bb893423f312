"""Makes what compose.prod.yaml keeps secret, once: `make secrets`.

What is there stays: a password that Postgres already knows must not change behind its back.
"""

from __future__ import annotations

import secrets
from pathlib import Path

FOLDER = Path(__file__).with_name("secrets")

REDIS_USERS = """\
user default off
user health on nopass resetkeys -@all +ping
user facesvg on >{redis} ~dramatiq ~dramatiq:* +@read +@write \
+@scripting +@connection -@dangerous +info +keys
"""
"""The queue may do all with its own keys; what asks for health may ask; no one may administer."""

READABLE = 0o644
"""By the accounts inside the containers; on the host the folder keeps others out."""


def main() -> None:
    """Write what is missing."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    words = {"postgres": secrets.token_urlsafe(24), "redis": secrets.token_urlsafe(24)}
    missing = [name for name in contents(words) if not (FOLDER / name).exists()]
    if missing and len(missing) < len(contents(words)):
        raise SystemExit(
            f"{FOLDER} lacks {', '.join(missing)}, but has the rest, which belongs to other "
            "passwords; restore what is missing, or remove all of it and the databases too"
        )
    for name in missing:
        (FOLDER / name).write_text(contents(words)[name])
        (FOLDER / name).chmod(READABLE)
    print(f"{FOLDER}: {'made' if missing else 'was there'}")


def contents(words: dict[str, str]) -> dict[str, str]:
    """Return every file's content for the passwords of the two servers."""
    return {
        "database_url": f"postgresql://facesvg:{words['postgres']}@postgres:5432/facesvg",
        "postgres_password": words["postgres"],
        "redis_url": f"redis://facesvg:{words['redis']}@redis:6379/0",
        "redis_users": REDIS_USERS.format(redis=words["redis"]),
    }


if __name__ == "__main__":
    main()
