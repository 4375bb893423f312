"""Settings of the processor and its workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from services.processor.masks import Limits
from services.runtime.settings import (
    Env,
    LogSettings,
    PageSettings,
    ServerSettings,
    certificates,
    traces,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.runtime.tls import Certificates

MIB = 1024 * 1024
LANDMARKS_BYTES = MIB
"""478 points of three long numbers are 30 kB; this leaves room for many faces."""


@dataclass(frozen=True)
class ProcessorSettings:
    """What the service that accepts tasks is told."""

    server: ServerSettings
    cache_address: str
    redis_url: str
    max_image_bytes: int
    limits: Limits
    heartbeat: timedelta
    stranded_every: timedelta
    similarity_index: bool
    keeps_inputs: bool
    """Whether the cache keeps inputs beyond their drawing: then all of them."""

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> ProcessorSettings:
        """Read them; raises `SettingError` for the first bad one."""
        env = Env(variables)
        return cls(
            server=ServerSettings.from_env(env, "processor", 50052, 9102),
            cache_address=env.text("CACHE_ADDRESS", "127.0.0.1:50053"),
            redis_url=env.text("REDIS_URL", "redis://127.0.0.1:6379/0"),
            max_image_bytes=int(env.number("MAX_IMAGE_MB", 25, minimum=0.001, maximum=1024) * MIB),
            limits=limits(env),
            heartbeat=heartbeat(env),
            stranded_every=timedelta(seconds=env.number("STRANDED_EVERY_SECONDS", 2, minimum=0.1)),
            similarity_index=env.flag("SIMILARITY_INDEX", False),
            keeps_inputs=env.number("INPUT_RETENTION_HOURS", 0) > 0,
        )


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker process is told."""

    log: LogSettings
    cache_address: str
    redis_url: str
    limits: Limits
    lease: timedelta
    heartbeat: timedelta
    page: PageSettings
    certificates: Certificates | None
    memory_mb: int
    cpu_seconds: float
    has_traces: bool

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> WorkerSettings:
        """Read them; raises `SettingError` for the first bad one."""
        env = Env(variables)
        return cls(
            log=LogSettings.from_env(env),
            cache_address=env.text("CACHE_ADDRESS", "127.0.0.1:50053"),
            redis_url=env.text("REDIS_URL", "redis://127.0.0.1:6379/0"),
            limits=limits(env),
            lease=timedelta(seconds=env.number("TASK_LEASE_SECONDS", 60, minimum=1)),
            heartbeat=heartbeat(env),
            page=PageSettings.from_env(env, "worker", 9104),
            certificates=certificates(env),
            memory_mb=env.integer("WORKER_MEMORY_MB", 4096),
            cpu_seconds=env.number("WORKER_CPU_SECONDS", 60, maximum=3600),
            has_traces=traces(env),
        )


def limits(env: Env) -> Limits:
    """Read what a photo may be at most."""
    return Limits(max_megapixels=env.number("MAX_IMAGE_MEGAPIXELS", 50, minimum=0.01, maximum=1000))


def heartbeat(env: Env) -> timedelta:
    """Read how long a worker may be silent before its tasks go to others."""
    return timedelta(seconds=env.number("WORKER_HEARTBEAT_SECONDS", 15, minimum=1))
