"""Whether a submission may name a callback URL."""

from __future__ import annotations

import pytest

from services.gateway.webhooks.callbacks import Callbacks, WebhooksOff
from services.gateway.webhooks.guard import Guard
from services.runtime.options import InvalidOption

CALLBACKS = Callbacks(Guard(frozenset({443})))


def test_a_submission_without_one_is_not_asked() -> None:
    Callbacks().check({})
    CALLBACKS.refuse({"preset": "features"})


def test_one_that_may_be_called_is_taken() -> None:
    CALLBACKS.check({"callback_url": "https://example.com/"})


def test_one_that_may_not_be_called_is_refused_with_what_is_wrong() -> None:
    with pytest.raises(InvalidOption, match="port 22 is not one of 443") as caught:
        CALLBACKS.check({"callback_url": "https://example.com:22/t0ken"})

    assert caught.value.field == "callback_url"


def test_a_service_without_webhooks_says_which_setting_they_need() -> None:
    with pytest.raises(WebhooksOff, match="WEBHOOK_SECRET") as caught:
        Callbacks().check({"callback_url": "https://example.com/"})

    assert caught.value.facts["setting"] == "WEBHOOK_SECRET"


@pytest.mark.parametrize("callbacks", [Callbacks(), CALLBACKS])
def test_who_waits_for_the_drawing_needs_none(callbacks: Callbacks) -> None:
    with pytest.raises(InvalidOption, match="render answers with the drawing itself"):
        callbacks.refuse({"callback_url": "https://example.com/"})
