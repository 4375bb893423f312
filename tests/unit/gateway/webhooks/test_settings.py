"""Settings of webhooks."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

import pytest

from services.gateway.webhooks.settings import WebhookSettings
from services.runtime.settings import Env, SettingError

SECRETS = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, whsec_" + "A" * 32


def read(**variables: str) -> WebhookSettings:
    return WebhookSettings.from_env(Env(variables))


def test_there_are_none_without_a_secret() -> None:
    settings = read()

    assert not settings.is_on
    assert (settings.timeout, settings.pauses.max_attempts) == (timedelta(seconds=10), 8)
    assert not settings.guard.allows_http


def test_lists_are_parted_by_commas_spaces_or_lines() -> None:
    settings = read(
        WEBHOOK_SECRET=SECRETS,
        WEBHOOK_PORTS="443 8443",
        WEBHOOK_ALLOWED_NETWORKS="10.1.0.0/16\nfd00::/8",
    )

    assert settings.is_on
    assert [len(secret) for secret in settings.secrets] == [24, 24]
    assert settings.guard.ports == {443, 8443}
    assert settings.guard.networks == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_PORTS", "http"),
        ("WEBHOOK_PORTS", "0"),
        ("WEBHOOK_PORTS", ","),
        ("WEBHOOK_ALLOWED_NETWORKS", "10.1.0.1/16"),
        ("WEBHOOK_ALLOWED_NETWORKS", "intranet"),
        ("WEBHOOK_TIMEOUT_SECONDS", "0"),
        ("WEBHOOK_MAX_ATTEMPTS", "0"),
    ],
)
def test_a_bad_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name}='{value}' is not"):
        read(**{name: value})


def test_a_secret_is_in_no_error_and_no_log() -> None:
    with pytest.raises(SettingError) as caught:
        read(WEBHOOK_SECRET="t0ken")  # noqa: S106 - none that is meant

    assert "t0ken" not in str(caught.value)
    assert "WEBHOOK_SECRET" in str(caught.value)
    assert str(read(WEBHOOK_SECRET=SECRETS).secrets[0]) not in repr(read(WEBHOOK_SECRET=SECRETS))
