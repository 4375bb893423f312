"""Settings of the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from services.gateway.access.settings import AccessSettings
from services.gateway.form import Limits
from services.gateway.webhooks.settings import WebhookSettings
from services.runtime.settings import Env, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

MIB = 1024 * 1024
LANDMARKS_BYTES = MIB
"""478 points of three long numbers are 30 kB; this leaves room for many faces."""


@dataclass(frozen=True)
class GatewaySettings:
    """What the gateway is told."""

    server: ServerSettings
    cache_address: str
    processor_address: str
    limits: Limits
    render_timeout: timedelta
    hot_bytes: int
    """What answers that are repeated may take of memory; 0 repeats none."""
    worker_metrics_url: str
    access: AccessSettings
    webhooks: WebhookSettings

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> GatewaySettings:
        """Read them; raises `SettingError` for the first bad one."""
        env = Env(variables)
        file_bytes = int(env.number("MAX_IMAGE_MB", 25, minimum=0.001, maximum=1024) * MIB)
        seconds = env.number("RENDER_TIMEOUT_SECONDS", 55, minimum=0.1, maximum=3600)
        return cls(
            server=ServerSettings.from_env(env, "gateway", 50051, 9101),
            cache_address=env.text("CACHE_ADDRESS", "127.0.0.1:50053"),
            processor_address=env.text("PROCESSOR_ADDRESS", "127.0.0.1:50052"),
            limits=Limits(image=file_bytes, landmarks=LANDMARKS_BYTES, segmentation_map=file_bytes),
            render_timeout=timedelta(seconds=seconds),
            hot_bytes=int(env.number("GATEWAY_HOT_MB", 64, maximum=64 * 1024) * MIB),
            worker_metrics_url=env.text("WORKER_METRICS_URL", "http://127.0.0.1:9104/metrics"),
            access=AccessSettings.from_env(env),
            webhooks=WebhookSettings.from_env(env),
        )
