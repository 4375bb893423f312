"""What can be chosen about a stack, by environment variables and the file `.env`."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from deploy.envoy import variables as door
from deploy.local.ports import Ports
from services.runtime.settings import LAST_PORT, Env, certificates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from deploy.envoy.door import Door
    from services.runtime.tls import Certificates


@dataclass(frozen=True)
class Settings:
    """The choices; `environment` is passed on to every part."""

    environment: Mapping[str, str]
    ports: Ports
    host: str
    """Where the door listens; everything else stays on loopback."""
    database_url: str
    """A server to use instead of our own; empty for our own."""
    redis_url: str
    prometheus_port: int
    """Where `make monitoring` listens; no part of the stack does."""
    worker_processes: int
    shutdown_grace: float
    """Seconds that calls under way get when a service is told to stop."""
    door: Door
    """What Envoy is told, but for where it listens and finds the gateway."""
    certificates: Certificates | None
    """What the parts show each other."""
    api_key: str
    """What the commands call the running stack with, where it asks for keys."""

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> Settings:
        """Read them; raises `SettingError` for the first bad one."""
        env = Env(variables)
        return cls(
            environment=variables,
            ports=Ports.from_env(env),
            host=env.text("API_HOST", "127.0.0.1"),
            database_url=env.text("DATABASE_URL", ""),
            redis_url=env.text("REDIS_URL", ""),
            prometheus_port=env.integer("PROMETHEUS_PORT", 9090, minimum=1, maximum=LAST_PORT),
            worker_processes=env.integer("WORKER_PROCESSES", cores(), minimum=1, maximum=1024),
            shutdown_grace=env.number("SHUTDOWN_GRACE_SECONDS", 20, maximum=3600),
            door=door.chosen(env),
            certificates=certificates(env),
            api_key=env.text("API_KEY", ""),
        )

    def on(self, ports: Ports) -> Settings:
        """Return the same with other ports."""
        return replace(self, ports=ports, environment={**self.environment, **ports.environment()})


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


def dotenv(path: Path) -> dict[str, str]:
    """Return the variables of a file of `NAME=value` lines; none if there is no file.

    Blank lines, `#` comments, `export` and quotes around a value are understood, as Docker Compose
    does.
    """
    if not path.exists():
        return {}
    variables = {}
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        quoted = value.strip()
        is_quoted = len(quoted) > 1 and quoted[0] == quoted[-1] and quoted[0] in "\"'"
        variables[name.strip()] = quoted[1:-1] if is_quoted else quoted.split(" #")[0].strip()
    return variables
