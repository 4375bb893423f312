"""The account that Postgres runs as, since it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.local.errors import StackError

if TYPE_CHECKING:
    from pathlib import Path

CANDIDATES = ("postgres", "nobody")
"""Accounts that machines have already: the stack makes none."""

TRAVERSE = 0o001
READ = 0o444
EXECUTE = 0o555


@dataclass(frozen=True)
class Account:
    """An unprivileged account."""

    name: str
    uid: int
    gid: int


def unprivileged() -> Account | None:
    """Return the account to use for root; None for everyone else, who is unprivileged already."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise StackError(
        f"Postgres does not run as root, and there is no account {' or '.join(CANDIDATES)}; "
        "add one with `useradd --system postgres`, or run this as an ordinary user",
    )


def is_open(path: Path) -> bool:
    """Return whether every account can get to `path`."""
    return all(
        parent.stat().st_mode & TRAVERSE for parent in [path.resolve(), *path.resolve().parents]
    )


def open_to_all(folder: Path) -> None:
    """Let every account read what lies in a directory, and run what its owner may run."""
    for path in [folder, *folder.rglob("*")]:
        mode = path.stat().st_mode
        path.chmod(mode | (EXECUTE if mode & stat.S_IXUSR else READ))


def give(path: Path, account: Account | None) -> None:
    """Make a directory, or an existing one, belong to `account`, and to it alone."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)
