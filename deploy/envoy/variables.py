"""What can be chosen about the door by environment variables, the same in every way of running."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deploy.envoy.door import Door
from services.runtime.settings import MTLS, SettingError

if TYPE_CHECKING:
    from services.runtime.settings import Env

TLS = ("TLS_CERT_FILE", "TLS_KEY_FILE")


def chosen(env: Env) -> Door:
    """Return the door that the variables ask for, on its default addresses.

    Raises `SettingError` for the first bad one.
    """
    origins = env.text("CORS_ORIGINS", "*").split(",")
    return Door(
        cors_origins=tuple(origin.strip() for origin in origins),
        requests_per_second=env.integer("RATE_LIMIT_PER_SECOND", 1000, minimum=1),
        headers_timeout=seconds(env, "DOOR_HEADERS_SECONDS", 5),
        request_timeout=seconds(env, "DOOR_REQUEST_SECONDS", 60),
        idle_timeout=seconds(env, "DOOR_IDLE_SECONDS", 30),
        tls=tuple(str(path) for path in env.files(TLS)),
        mtls=tuple(str(path) for path in env.files(MTLS)),
        jwt=jwt(env),
    )


def seconds(env: Env, name: str, default: float) -> str:
    """Read a duration, as Envoy writes it."""
    return f"{env.number(name, default, minimum=0.1, maximum=3600):g}s"


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
    return (str(Path(path).absolute()), issuer, *([audience] if audience else []))
