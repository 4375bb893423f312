"""Saving and restoring with Postgres's own programs."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from deploy.local import tools
from services.cache.migrate import migrations, present
from services.cache.settings import Settings
from services.runtime.settings import Env

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PORTABLE = ("--no-owner", "--no-privileges")
"""Owners and grants are the other server's own; see `services.cache.roles`."""


class BackupError(RuntimeError):
    """The database cannot be saved, or the file cannot be restored."""


@dataclass(frozen=True)
class Programs:
    """Where `pg_dump` and `pg_restore` are."""

    folder: Path

    @classmethod
    def found(cls, folder: Path | None) -> Self:
        """Return those of a folder, of PATH, or of the wheel."""
        on_path = shutil.which("pg_dump")
        if folder is None and on_path is not None:
            folder = Path(on_path).parent
        return cls(folder or tools.postgres() / "bin")

    def run(self, name: str, dsn: str, words: Sequence[str]) -> None:
        """Run a program on a database; its password stays out of the list of processes."""
        parts = conninfo_to_dict(dsn)
        password = parts.pop("password", None)
        done = subprocess.run(
            [str(self.folder / name), "--dbname", make_conninfo("", **parts), *words],
            env={"PGPASSWORD": str(password)} if password else {},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BackupError(done.stderr.strip() or f"{name} ended with {done.returncode}")


def save(programs: Programs, variables: Mapping[str, str], target: Path) -> None:
    """Write the database as it is at this moment; a file that is there is replaced at the end."""
    dsn = Settings.from_env(Env(variables)).dsn
    unfinished = target.with_name(f"{target.name}.unfinished")
    words = ("--format", "custom", "--file", str(unfinished), *PORTABLE)
    try:
        unfinished.touch(mode=0o600)  # photos are in it
        programs.run("pg_dump", dsn, words)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(programs: Programs, variables: Mapping[str, str], source: Path) -> None:
    """Fill an empty database, all or nothing; raise `BackupError` for one that is not empty."""
    dsn = Settings.from_env(Env(variables)).dsn
    if not source.is_file():
        raise BackupError(f"{source} is not a file")
    with psycopg.connect(dsn, autocommit=True) as connection:
        if (version := present(connection)) != 0:
            raise BackupError(
                f"the database has the suite's tables already, in version {version}; "
                "restore into an empty one, and lead the services there"
            )
    programs.run("pg_restore", dsn, ("--single-transaction", *PORTABLE, str(source)))
    with psycopg.connect(dsn, autocommit=True) as connection:
        found, known = present(connection), max(step.version for step in migrations())
        connection.execute("ANALYZE")
    if found > known:
        raise BackupError(f"the backup's schema is version {found}, this suite knows {known}")
