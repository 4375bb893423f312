"""Prints the configuration of the door, or lays it with all it needs into a directory.

    python -m deploy.envoy --listen-host 0.0.0.0 --gateways gateway-1:50051 gateway-2:50051
    python -m deploy.envoy --into /etc/envoy

Every variable of the template is an option; items of a list may also be parted by commas.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import fields, replace
from pathlib import Path

from deploy.envoy.door import Door, render


def main() -> None:
    """Print or lay what the options ask for."""
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
        default = field.default
        is_list = isinstance(default, tuple)
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            nargs="+" if is_list else None,
            type=int if isinstance(default, int) else str,
            default=default,
            help=f"default: {' '.join(default) if isinstance(default, tuple) else default}",
        )
    chosen = vars(parser.parse_args())
    into: Path | None = chosen.pop("into")
    lists = {name: items(value) for name, value in chosen.items() if isinstance(value, list)}
    door = replace(Door(), **(chosen | lists))
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
    main()
