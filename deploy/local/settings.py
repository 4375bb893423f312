"""What can be chosen about a stack, by environment variables and the file `.env`."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.ports import Ports
from services.runtime.settings import LAST_PORT, Env, SettingError, certificates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.runtime.tls import Certificates

TLS = ("TLS_CERT_FILE", "TLS_KEY_FILE")


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
    requests_per_second: int
    cors_origins: tuple[str, ...]
    headers_seconds: float
    request_seconds: float
    idle_seconds: float
    certificates: Certificates | None
    """What the parts show each other."""
    tls: tuple[str, ...]
    """Certificate and key that the door shows clients, as PEM files."""
    api_key: str
    """What the commands call the running stack with, where it asks for keys."""
    jwt: tuple[str, ...]
    """Keys, issuer and audience of the tokens that the door takes, if it takes any."""

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> Settings:
        """Read them; raises `SettingError` for the first bad one."""
        env = Env(variables)
        origins = env.text("CORS_ORIGINS", "*").split(",")
        return cls(
            environment=variables,
            ports=Ports.from_env(env),
            host=env.text("API_HOST", "127.0.0.1"),
            database_url=env.text("DATABASE_URL", ""),
            redis_url=env.text("REDIS_URL", ""),
            prometheus_port=env.integer("PROMETHEUS_PORT", 9090, minimum=1, maximum=LAST_PORT),
            worker_processes=env.integer("WORKER_PROCESSES", cores(), minimum=1, maximum=1024),
            shutdown_grace=env.number("SHUTDOWN_GRACE_SECONDS", 20, maximum=3600),
            requests_per_second=env.integer("RATE_LIMIT_PER_SECOND", 1000, minimum=1),
            headers_seconds=env.number("DOOR_HEADERS_SECONDS", 5, minimum=0.1, maximum=3600),
            request_seconds=env.number("DOOR_REQUEST_SECONDS", 60, minimum=0.1, maximum=3600),
            idle_seconds=env.number("DOOR_IDLE_SECONDS", 30, minimum=0.1, maximum=3600),
            cors_origins=tuple(origin.strip() for origin in origins),
            certificates=certificates(env),
            tls=tuple(str(path) for path in env.files(TLS)),
            api_key=env.text("API_KEY", ""),
            jwt=jwt(env),
        )

    def on(self, ports: Ports) -> Settings:
        """Return the same with other ports."""
        return replace(self, ports=ports, environment={**self.environment, **ports.environment()})


def jwt(env: Env) -> tuple[str, ...]:
    """Read `JWT_JWKS_FILE`, `JWT_ISSUER` and `JWT_AUDIENCE`; nothing where no tokens are taken."""
    path = env.text("JWT_JWKS_FILE", "")
    issuer, audience = env.text("JWT_ISSUER", ""), env.text("JWT_AUDIENCE", "")
    if not path:
        return ()
    if not Path(path).is_file():
        raise SettingError("JWT_JWKS_FILE", path, "a file with a set of public keys (JWKS)")
    if not issuer:
        raise SettingError("JWT_ISSUER", issuer, "an issuer, which JWT_JWKS_FILE needs")
    return (str(Path(path).resolve()), issuer, *([audience] if audience else []))


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
