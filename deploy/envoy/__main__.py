"""Prints the configuration of the door, or lays it with all it needs into a directory.

    python -m deploy.envoy --listen-host 0.0.0.0 --gateways gateway-1:50051 gateway-2:50051
    python -m deploy.envoy --into /etc/envoy

Every variable of the template is an option; items of a list may also be parted by commas. What
CORS_ORIGINS, RATE_LIMIT_PER_SECOND, DOOR_*, TLS_*, MTLS_* and JWT_* say is what stands without.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import fields, replace
from pathlib import Path

from deploy.envoy.door import Door, render
from deploy.envoy.variables import chosen
from services.runtime.settings import Env, SettingError


def main() -> None:
    """Print or lay what the options ask for; raises `SettingError` for a bad variable."""
    told = chosen(Env(os.environ))
    parser = argparse.ArgumentParser(
        prog="python -m deploy.envoy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--into",
        type=Path,
        metavar="DIR",
        help="write envoy.yaml and the descriptor set it reads there, instead of printing",
    )
    for field in fields(Door):
        default = getattr(told, field.name)
        is_list = isinstance(default, tuple)
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            nargs="+" if is_list else None,
            type=int if isinstance(default, int) else str,
            default=default,
            help=f"default: {' '.join(default) if isinstance(default, tuple) else default}",
        )
    options = vars(parser.parse_args())
    into: Path | None = options.pop("into")
    lists = {name: items(value) for name, value in options.items() if isinstance(value, list)}
    door = replace(told, **(options | lists))
    if into is None:
        print(render(door), end="")
    else:
        lay(door, into)


def items(words: list[str]) -> tuple[str, ...]:
    """Return the items of words such as `one,two`."""
    return tuple(item for word in words for item in word.split(",") if item)


def lay(door: Door, into: Path) -> None:
    """Write the configuration and a copy of its descriptor set into a directory."""
    descriptor = into / "facesvg.binpb"
    shutil.copyfile(door.descriptor, descriptor)
    (into / "envoy.yaml").write_text(render(replace(door, descriptor=str(descriptor))))


if __name__ == "__main__":
    try:
        main()
    except SettingError as error:
        sys.exit(f"door: {error}")
