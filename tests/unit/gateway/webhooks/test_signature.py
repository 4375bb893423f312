"""Signatures by Standard Webhooks."""

from __future__ import annotations

import base64

import pytest

from services.gateway.webhooks.signature import secret_of, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the specification's own example
ID, TIME, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_is_that_of_the_specification() -> None:
    assert sign([secret_of(SECRET)], ID, TIME, BODY) == SIGNATURE


def test_every_secret_signs_while_one_takes_the_place_of_another() -> None:
    first, second = sign([secret_of(SECRET), bytes(32)], ID, TIME, BODY).split(" ")

    assert first == SIGNATURE
    assert second == sign([bytes(32)], ID, TIME, BODY)


@pytest.mark.parametrize("size", [24, 32, 64])
def test_a_secret_may_have_so_many_bytes(size: int) -> None:
    assert secret_of("whsec_" + base64.b64encode(bytes(size)).decode()) == bytes(size)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        "secret",
        "whsec_???",
        base64.b64encode(bytes(32)).decode(),
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
    ],
)
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected whsec_ and the base64 of 24 to 64 bytes"):
        secret_of(text)
