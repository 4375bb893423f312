"""Prints the configuration of the door.

    python -m deploy.envoy --listen-host 0.0.0.0 --gateways gateway-1:50051 gateway-2:50051

Every variable of the template is an option.
"""

from __future__ import annotations

import argparse
from dataclasses import fields, replace

from deploy.envoy.door import Door, render


def main() -> None:
    """Print what the options ask for."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.envoy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    several = {name: tuple(value) for name, value in chosen.items() if isinstance(value, list)}
    print(render(replace(Door(), **(chosen | several))), end="")


if __name__ == "__main__":
    main()
