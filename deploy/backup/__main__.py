"""Saves the suite's database to a file, or restores one: `python -m deploy.backup --help`.

    DATABASE_URL=… python -m deploy.backup save facesvg.dump
    DATABASE_URL=… python -m deploy.backup restore facesvg.dump

The suite may go on working while it is saved. It is restored into an empty database; afterwards
`python -m services.cache.roles` grants anew where the database is divided among roles.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from deploy.backup.dump import BackupError, Programs, restore, save
from services.runtime.settings import SettingError


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.backup",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=("save", "restore"))
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--programs",
        type=Path,
        metavar="DIR",
        help="where pg_dump and pg_restore are, not older than the server (default: on PATH, else "
        "those of the stack out of wheels)",
    )
    options = parser.parse_args()
    call = {"save": save, "restore": restore}[options.command]
    try:
        call(Programs.found(options.programs), os.environ, options.file)
    except (BackupError, SettingError, OSError) as error:
        sys.exit(f"backup: {error}")
    size = options.file.stat().st_size / 1e6
    print(f"{options.command}d {options.file}, {size:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
