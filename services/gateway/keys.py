"""Makes API keys: `python -m services.gateway.keys new NAME`.

Prints the key, which is kept nowhere and shown this once, and the line for the file that
`API_KEYS_FILE` names. A gateway that runs takes a changed file within a second.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from services.gateway.access.keys import DRAW, KeyLineError, digest_of, new_secret, parsed

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> str:
    """Return what the command prints; raises `KeyLineError` for a key that cannot be."""
    parser = argparse.ArgumentParser(
        prog="python -m services.gateway.keys",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser("new", help="make a key")
    new.add_argument("name", help="what the key is called in logs and errors")
    new.add_argument("--tenant", help="whose tasks it sees; its name where it is left out")
    new.add_argument("--scopes", default=DRAW, help="draw, admin, or both with a comma")
    new.add_argument("--rate", help="calls a second")
    new.add_argument("--quota", help="submissions a day")
    chosen = parser.parse_args(arguments)

    secret = new_secret()
    facts = {name: getattr(chosen, name) for name in ("tenant", "scopes", "rate", "quota")}
    words = [f"{name}={value}" for name, value in facts.items() if value is not None]
    (key,) = parsed(" ".join([chosen.name, f"sha256={digest_of(secret).hex()}", *words]))
    return f"key, shown this once:\n{secret}\n\nline for API_KEYS_FILE:\n{key.line()}\n"


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1:]))
    except KeyLineError as error:
        sys.exit(f"keys: {error}")
