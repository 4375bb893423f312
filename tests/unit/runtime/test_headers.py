"""The metadata of the call under way, read once."""

from __future__ import annotations

from typing import Any

from services.runtime.headers import headers


class Call:
    """A call that counts how often it was asked for its metadata."""

    def __init__(self, *metadata: tuple[str, str | bytes]) -> None:
        self.metadata = metadata
        self.asked = 0

    def invocation_metadata(self) -> Any:
        self.asked += 1
        return self.metadata or None


def told(call: Call) -> Any:
    """Return a call's headers."""
    context: Any = call
    return headers(context)


def test_it_is_read_once_of_each_call() -> None:
    first, second = Call(("a", "1")), Call(("a", "2"))

    assert [told(call)["a"] for call in (first, first, second)] == ["1", "1", "2"]
    assert (first.asked, second.asked) == (1, 1)


def test_a_key_that_came_twice_has_its_last_value() -> None:
    assert told(Call(("a", "1"), ("a", "2"))) == {"a": "2"}


def test_what_is_no_text_is_left_out() -> None:
    assert told(Call(("a-bin", b"\xff"), ("b", "1"))) == {"b": "1"}


def test_there_may_be_none() -> None:
    assert told(Call()) == {}
