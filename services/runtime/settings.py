"""Settings out of environment variables; a bad one stops the process with one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from services.runtime.tls import Certificates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TRUE = ("1", "true", "yes", "on")
FALSE = ("0", "false", "no", "off")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LAST_PORT = 65_535
MTLS = ("MTLS_CA_FILE", "MTLS_CERT_FILE", "MTLS_KEY_FILE")

TRACE_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
TRACE_LIBRARY = "opentelemetry.exporter.otlp.proto.grpc"
SAMPLERS = (
    *("always_on", "always_off", "traceidratio"),
    *("parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"),
)


class SettingError(ValueError):
    """A variable has a value that cannot be."""

    def __init__(self, name: str, value: str, right: str) -> None:
        super().__init__(f"{name}={value!r} is not {right}")


class Env:
    """Reads variables of a mapping such as `os.environ`; an empty one counts as absent.

    Where `NAME` is absent, `NAME_FILE` may name a file that holds the value, as secrets come into
    containers.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str, default: str) -> str:
        """Return the variable as it is."""
        return self._variables.get(name, "") or self._from_file(name) or default

    def _from_file(self, name: str) -> str:
        path = self._variables.get(f"{name}_FILE", "")
        try:
            return Path(path).read_text().strip() if path else ""
        except (OSError, UnicodeDecodeError):
            raise SettingError(f"{name}_FILE", path, "a file of text that can be read") from None

    def integer(
        self, name: str, default: int, *, minimum: int = 0, maximum: int = 2**31 - 1
    ) -> int:
        """Return a whole number from `minimum` to `maximum`, inclusive."""
        value = self.text(name, str(default))
        try:
            number = int(value)
        except ValueError:
            number = minimum - 1
        if not minimum <= number <= maximum:
            raise SettingError(name, value, f"a whole number from {minimum} to {maximum}")
        return number

    def number(
        self, name: str, default: float, *, minimum: float = 0, maximum: float = 1e9
    ) -> float:
        """Return a number from `minimum` to `maximum`, inclusive."""
        value = self.text(name, str(default))
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not minimum <= number <= maximum:
            raise SettingError(name, value, f"a number from {minimum:g} to {maximum:g}")
        return number

    def flag(self, name: str, default: bool) -> bool:  # noqa: FBT001 - reads like its siblings
        """Return whether the variable says yes."""
        value = self.text(name, str(default)).lower()
        if value not in TRUE + FALSE:
            raise SettingError(name, value, f"one of {', '.join(TRUE + FALSE)}")
        return value in TRUE

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        """Return one of `choices`."""
        value = self.text(name, default)
        if value not in choices:
            raise SettingError(name, value, f"one of {', '.join(choices)}")
        return value

    def files(self, names: Sequence[str]) -> tuple[Path, ...]:
        """Return files that belong together: all of them, or none."""
        paths = [self.text(name, "") for name in names]
        if not any(paths):
            return ()
        for name, path in zip(names, paths, strict=True):
            if not path or not Path(path).is_file():
                raise SettingError(name, path, f"a file; set {', '.join(names)}, or none")
        # Not where links lead: Kubernetes moves those when a secret changes.
        return tuple(Path(path).absolute() for path in paths)


def certificates(env: Env) -> Certificates | None:
    """Read what a process shows its peers; None for plain connections."""
    found = env.files(MTLS)
    return Certificates(*found) if found else None


def traces(env: Env) -> bool:
    """Return whether OpenTelemetry's variables ask for traces; what they say more, it reads itself.

    Raises `SettingError` for what cannot be had.
    """
    is_disabled = env.flag("OTEL_SDK_DISABLED", False)
    exporter = env.choice("OTEL_TRACES_EXPORTER", "otlp", ("otlp", "none"))
    env.choice("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", ("grpc",))
    env.choice("OTEL_TRACES_SAMPLER", "parentbased_always_on", SAMPLERS)
    env.number("OTEL_TRACES_SAMPLER_ARG", 1, maximum=1)
    given = [(name, value) for name in TRACE_ENDPOINTS if (value := env.text(name, ""))]
    if is_disabled or exporter == "none" or not given:
        return False
    if not is_installed(TRACE_LIBRARY):
        raise SettingError(*given[0], "of use without OpenTelemetry; install 'facesvg[tracing]'")
    return True


def is_installed(module: str) -> bool:
    """Return whether a module can be imported."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even what it lies in
        return False


@dataclass(frozen=True)
class LogSettings:
    """How a process logs: `LOG_LEVEL`, `LOG_FORMAT`, `DEBUG`, `FORCE_COLOR`."""

    level: str
    format: str
    is_coloured: bool = False
    """Whether colours are asked for where there is no terminal, as in containers."""

    @classmethod
    def from_env(cls, env: Env) -> LogSettings:
        """Read them; `DEBUG=true` is the level DEBUG; `auto` is for people who look, else JSON."""
        level = env.choice("LOG_LEVEL", "INFO", LOG_LEVELS)
        return cls(
            level="DEBUG" if env.flag("DEBUG", False) else level,
            format=env.choice("LOG_FORMAT", "auto", ("auto", "rich", "json")),
            is_coloured=bool(env.text("FORCE_COLOR", "")),
        )


@dataclass(frozen=True)
class PageSettings:
    """Where a process that serves nothing else shows its metrics."""

    is_enabled: bool
    host: str
    port: int

    @classmethod
    def from_env(cls, env: Env, service: str, port: int) -> PageSettings:
        """Read `ENABLE_METRICS`, `<SERVICE>_HOST` and `<SERVICE>_METRICS_PORT`."""
        name = service.upper()
        return cls(
            is_enabled=env.flag("ENABLE_METRICS", True),
            host=env.text(f"{name}_HOST", "127.0.0.1"),
            port=env.integer(f"{name}_METRICS_PORT", port, minimum=1, maximum=LAST_PORT),
        )


@dataclass(frozen=True)
class ServerSettings:
    """Where a service listens and how it ends."""

    host: str
    port: int
    metrics_port: int
    enable_metrics: bool
    grace: timedelta
    notice: timedelta
    log: LogSettings
    certificates: Certificates | None = None
    has_traces: bool = False

    @classmethod
    def from_env(cls, env: Env, service: str, port: int, metrics_port: int) -> ServerSettings:
        """Read `<SERVICE>_HOST`, `<SERVICE>_PORT`, `<SERVICE>_METRICS_PORT` and what all share."""
        name = service.upper()
        seconds = env.number("SHUTDOWN_GRACE_SECONDS", 20, maximum=3600)
        notice = env.number("SHUTDOWN_NOTICE_SECONDS", 0, maximum=3600)
        return cls(
            host=env.text(f"{name}_HOST", "127.0.0.1"),
            port=env.integer(f"{name}_PORT", port, maximum=LAST_PORT),
            metrics_port=env.integer(f"{name}_METRICS_PORT", metrics_port, maximum=LAST_PORT),
            enable_metrics=env.flag("ENABLE_METRICS", True),
            grace=timedelta(seconds=seconds),
            notice=timedelta(seconds=notice),
            log=LogSettings.from_env(env),
            certificates=certificates(env),
            has_traces=traces(env),
        )
