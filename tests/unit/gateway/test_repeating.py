"""What a client calls its submission."""

from __future__ import annotations

from typing import Any

import pytest

from services.gateway.ids import InvalidArgument
from services.gateway.repeating import idempotency_key


def key(*given: str) -> str:
    class Context:
        def invocation_metadata(self) -> Any:
            return (("other", "x"), *(("idempotency-key", value) for value in given))

    return idempotency_key(Context())  # type: ignore[arg-type] # all that is asked of it


@pytest.mark.parametrize(
    "text", ["a", "8e03978e-40d5-43dd-bc93-6894a57f9324", '"quoted"', "x" * 255, "!~"]
)
def test_a_key_is_taken_as_it_is(text: str) -> None:
    assert key(text) == text


def test_most_calls_have_none() -> None:
    assert key() == ""


@pytest.mark.parametrize("text", ["", "two words", "x" * 256, "tab\t", "\x7f", "h\xe9"])
def test_a_key_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match="1 to 255 visible ASCII characters"):
        key(text)


def test_a_key_is_given_once() -> None:
    assert key("a", "a") == "a"
    with pytest.raises(InvalidArgument, match="idempotency-key is 'a, b'; expected one key"):
        key("b", "a")
