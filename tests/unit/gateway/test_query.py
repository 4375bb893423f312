"""The query of a REST request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from services.gateway import query
from services.gateway.form import MalformedRequest
from services.runtime.options import UnknownOption


@dataclass
class Context:
    metadata: list[tuple[str, str]] = field(default_factory=list)

    def invocation_metadata(self) -> Any:
        return self.metadata


def asked(path: str) -> Any:
    return Context([("x-request-id", "1"), ("x-envoy-original-path", path)])


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/submit", []),
        ("/submit?", []),
        ("/submit?preset=map", [("preset", "map")]),
        ("/submit?preset=map&preset=&x", [("preset", "map"), ("preset", ""), ("x", "")]),
        ("/submit?id_prefix=a%20b+c%C3%A9", [("id_prefix", "a b cé")]),
        ("/submit?a=b=c#fragment", [("a", "b=c")]),
        ("//[/submit?a=1", [("a", "1")]),
    ],
)
def test_the_query_is_read_as_it_was_written(path: str, found: list[tuple[str, str]]) -> None:
    assert list(query.parameters(asked(path))) == found


def test_a_call_that_did_not_come_by_rest_has_no_query() -> None:
    assert list(query.parameters(Context())) == []  # type: ignore[arg-type] # all that is asked


@pytest.mark.parametrize("path", ["/submit?a=%ff", "/submit?" + "a=1&" * 65])
def test_a_query_that_cannot_be_read_is_refused(path: str) -> None:
    with pytest.raises(MalformedRequest, match="at most 64 parameters"):
        query.parameters(asked(path))


@pytest.mark.parametrize(
    ("value", "length"),
    [("17", 17), ("0", 0), ("", None), ("-", None), ("1, 2", None), ("²", None)],
)
def test_the_declared_length_is_a_number_or_nothing(value: str, length: int | None) -> None:
    context: Any = Context([("x-upload-content-length", value)])

    assert query.declared_length(context) == length


def test_forms_take_every_option_and_no_other() -> None:
    known = query.known_names()

    assert "region_opacity" in known["/facesvg.v1.GatewayService/SubmitForm"]
    assert "form" not in known["/facesvg.v1.GatewayService/Render"]
    assert (
        known["/facesvg.v1.GatewayService/SubmitForm"]
        == (known["/facesvg.v1.GatewayService/Render"])
    )


def test_other_methods_take_the_fields_of_their_request() -> None:
    known = query.known_names()

    assert set(known["/facesvg.v1.GatewayService/ListTasks"]) == {
        "page_size",
        "pageSize",
        "page_token",
        "pageToken",
    }
    assert known["/facesvg.v1.GatewayService/GetHealth"] == ()


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownOption, match="did you mean page_size") as caught:
        query.check(("page_size", "page_token"), [("page_token", "x"), ("pagesize", "1")])

    assert caught.value.facts["option"] == "pagesize"
