"""The cache key: documented to the byte, and sensitive to every input."""

from __future__ import annotations

from dataclasses import fields, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from facesvg.v1 import cache_pb2, mask_pb2
from services.cache import requests
from services.cache.keys import Key
from services.runtime import options

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

digests = st.binary(min_size=32, max_size=32)
FIELDS = [
    field for field in mask_pb2.DrawOptions.DESCRIPTOR.fields if not options.rule(field).outside_key
]
BARE = cache_pb2.TaskKey(image_sha256=bytes(32), landmarks_sha256=bytes(32))


def values(field: Any) -> SearchStrategy[Any]:
    """Return a strategy for the values that an option's rule allows."""
    rule = options.rule(field)
    if field.is_repeated:
        items = st.from_regex(rule.pattern, fullmatch=True)
        return st.lists(items, max_size=4, unique=True)
    if rule.one_of:
        return st.sampled_from(list(rule.one_of))
    if rule.pattern:
        return st.from_regex(rule.pattern, fullmatch=True)
    kind = type(options.default(field))
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(int(rule.minimum), int(rule.maximum))
    return st.floats(rule.minimum, rule.maximum)


def given_as(field: Any, value: Any) -> mask_pb2.DrawOptions:
    return mask_pb2.DrawOptions(**{field.name: value})


draw_options = st.fixed_dictionaries({}, optional={f.name: values(f) for f in FIELDS}).map(
    lambda chosen: mask_pb2.DrawOptions(**chosen)
)
keys = st.builds(
    cache_pb2.TaskKey,
    options=draw_options,
    image_sha256=digests,
    landmarks_sha256=digests,
    segmentation_map_sha256=st.just(b"") | digests,
    tenant=st.text(st.characters(categories=["L", "N", "P"]), max_size=5),
)


def hash_of(key: cache_pb2.TaskKey) -> str:
    return requests.key_of(key).input_hash


def with_options(key: cache_pb2.TaskKey, drawn: mask_pb2.DrawOptions) -> cache_pb2.TaskKey:
    changed = cache_pb2.TaskKey()
    changed.CopyFrom(key)
    changed.options.CopyFrom(drawn)
    return changed


def test_the_text_is_as_documented() -> None:
    key = Key(
        version=1,
        image=b"\x01" * 32,
        landmarks=b"\x02" * 32,
        segmentation_map=b"\x03" * 32,
        tenant="ada",
        options={"trace": "exact", "min_area": "5"},
    )

    assert key.text() == (
        "facesvg 1\n"
        f"image {'01' * 32}\n"
        f"landmarks {'02' * 32}\n"
        f"segmentation_map {'03' * 32}\n"
        "tenant -\n"
        "option min_area=5\n"
        "option trace=exact\n"
    )


def test_the_hash_is_that_of_the_text_and_never_changes() -> None:
    key = Key(version=1, image=bytes(32), landmarks=bytes(32))

    assert key.input_hash == sha256(key.text().encode()).hexdigest()
    assert key.input_hash == "a7e83a0dd6773ded5d4636f9b0acd73c13540889733b7a3686f9e6186e8aaf23"


@given(keys, st.sampled_from([f.name for f in fields(Key) if f.name not in ("options", "tenant")]))
def test_any_other_input_is_another_key(message: cache_pb2.TaskKey, name: str) -> None:
    key = requests.key_of(message)
    value = getattr(key, name)
    other: Any = value + 1 if isinstance(value, int) else sha256(value).digest()

    assert replace(key, **{name: other}).input_hash != key.input_hash


@given(keys, st.text(max_size=5))
def test_the_hash_is_the_same_for_every_tenant(message: cache_pb2.TaskKey, tenant: str) -> None:
    key = requests.key_of(message)

    assert replace(key, tenant=tenant).input_hash == key.input_hash


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@given(data=st.data())
@settings(max_examples=30)
def test_any_other_value_of_an_option_is_another_key(field: Any, data: st.DataObject) -> None:
    one, other = data.draw(values(field)), data.draw(values(field))
    if field.is_repeated:
        one, other = sorted(one), sorted(other)
    assume(one != other)

    first = with_options(BARE, given_as(field, one))
    second = with_options(BARE, given_as(field, other))

    assert hash_of(first) != hash_of(second)


def test_what_is_accepted_as_an_answer_is_no_part_of_the_key() -> None:
    accepting = with_options(BARE, mask_pb2.DrawOptions(similarity=8))

    assert hash_of(accepting) == hash_of(BARE)


@pytest.mark.parametrize(
    "field", [f for f in FIELDS if not f.is_repeated], ids=lambda field: field.name
)
def test_a_default_and_its_absence_are_one_key(field: Any) -> None:
    spelled = with_options(BARE, given_as(field, options.default(field)))

    assert hash_of(spelled) == hash_of(BARE)


@given(keys)
@settings(max_examples=30)
def test_the_order_of_lists_changes_nothing(key: cache_pb2.TaskKey) -> None:
    turned = mask_pb2.DrawOptions()
    turned.CopyFrom(key.options)
    for field in FIELDS:
        if field.is_repeated:
            getattr(turned, field.name).sort(reverse=True)

    assert hash_of(with_options(key, turned)) == hash_of(key)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"region_opacity": "0.50"}, {"region_opacity": 0.5}),
        ({"stroke_width": "3.0"}, {"stroke_width": 3}),
        ({"regions": "nose, left_eye"}, {"regions": ["left_eye", "nose"]}),
        ({"show_labels": "1"}, {"show_labels": True}),
    ],
)
def test_what_means_the_same_is_one_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    read = [options.parse(mask_pb2.DrawOptions, each) for each in (one, other)]

    assert hash_of(with_options(BARE, read[0])) == hash_of(with_options(BARE, read[1]))
