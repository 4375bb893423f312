"""Options: the client's are those of the contract."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from google.protobuf.descriptor import FieldDescriptor

from facesvg.v1 import options_pb2
from facesvg_client.cli import choices
from facesvg_client.options import FIELDS, Options, message

KINDS = {
    FieldDescriptor.CPPTYPE_STRING: str,
    FieldDescriptor.CPPTYPE_BOOL: bool,
    FieldDescriptor.CPPTYPE_DOUBLE: float,
    FieldDescriptor.CPPTYPE_UINT32: int,
}
HINTS = get_type_hints(Options)


def test_every_option_of_the_contract_is_known_and_explained() -> None:
    assert list(HINTS) == list(FIELDS)
    assert list(choices.HELP) == list(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_an_option_has_the_kind_of_the_contract(name: str) -> None:
    field, hint = FIELDS[name], HINTS[name]
    words = tuple(field.GetOptions().Extensions[options_pb2.rule].one_of)

    if words:
        assert (get_origin(hint), get_args(hint)) == (Literal, words)
    elif field.is_repeated:
        assert get_args(hint) == (str,)
    else:
        assert hint is KINDS[field.cpp_type]


def test_what_is_none_is_left_out_and_text_is_a_comma_list() -> None:
    found = message({"preset": None, "regions": "nose,glabella", "region_opacity": 1})

    assert not found.HasField("preset")
    assert list(found.regions) == ["nose", "glabella"]
    assert found.region_opacity == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"opacity": 1}, "there is no option 'opacity'; did you mean region_opacity?"),
        ({"min_area": "many"}, "min_area is 'many'"),
        ({"min_area": -1}, "min_area is -1"),
        ({"regions": 7}, "regions is 7"),
    ],
)
def test_what_cannot_be_an_option_is_a_type_error_with_its_value(
    options: dict[str, Any], words: str
) -> None:
    with pytest.raises(TypeError) as caught:
        message(options)

    assert words in str(caught.value)
