"""Settings of the gateway."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.gateway.settings import GatewaySettings
from services.runtime.settings import SettingError


def test_the_defaults_are_those_of_the_suite() -> None:
    settings = GatewaySettings.from_env({})

    assert (settings.server.port, settings.server.metrics_port) == (50051, 9101)
    assert settings.cache_address == "127.0.0.1:50053"
    assert settings.processor_address == "127.0.0.1:50052"
    assert settings.limits.image == settings.limits.segmentation_map == 25 * 2**20
    assert settings.limits.landmarks == 2**20
    assert settings.render_timeout == timedelta(seconds=55)


@pytest.mark.parametrize("name", ["MAX_IMAGE_MB", "RENDER_TIMEOUT_SECONDS", "GATEWAY_PORT"])
def test_a_bad_value_names_its_variable(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name}='soon' is not"):
        GatewaySettings.from_env({name: "soon"})
