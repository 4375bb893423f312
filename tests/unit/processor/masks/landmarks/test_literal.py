"""Python literals as JSON."""

from __future__ import annotations

import ast
import json

from hypothesis import given
from hypothesis import strategies as st

from services.processor.masks.landmarks import literal

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("abcxyz '(),[]{}:NoneTrue", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text("abcxyz'", max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_python_writes_is_read_as_python_reads_it(value: object) -> None:
    text = repr(value)

    found = json.loads(literal.to_json(text))

    assert found == json.loads(json.dumps(ast.literal_eval(text)))


def test_trailing_commas_are_dropped() -> None:
    assert json.loads(literal.to_json("{'a': [1, 2,], 'b': (3,), }")) == {"a": [1, 2], "b": [3]}


def test_a_name_is_no_value() -> None:
    assert literal.to_json("{'a': __import__('os')}") == '{"a": __import__["os"]}'
