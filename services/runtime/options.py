"""Options of a request, read and checked by the rules that stand beside them in the contract.

A rule is a `facesvg.v1.OptionRule` on a field of the options' message. Whatever transport an option
came by, it is text or JSON here; two requests that mean the same have the same `normal` form.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from facesvg.v1 import options_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Options = TypeVar("Options", bound=Message)
Field: TypeAlias = Any
"""A field's descriptor; the class differs between protobuf's implementations."""

TRUE = ("true", "1")
FALSE = ("false", "0")
SHOWN = 64
"""Characters of a wrong value that an error repeats."""


class OptionError(ValueError):
    """An option cannot be; `facts` has every value of the message, `field` its name."""

    def __init__(self, message: str, field: str, **facts: object) -> None:
        super().__init__(message)
        self.field = field
        self.facts = {"option": field, **{name: str(value) for name, value in facts.items()}}


class UnknownOption(OptionError):
    """There is no option of this name."""


class InvalidOption(OptionError):
    """An option's value is of the wrong kind, or out of range."""


def parse(kind: type[Options], values: Mapping[str, Any]) -> Options:
    """Return the options that `values` (text or JSON, by name) mean, in normal form."""
    options = kind()
    fields = options.DESCRIPTOR.fields_by_name
    for name, value in values.items():
        if name not in fields:
            raise unknown(name, list(fields))
        field = fields[name]
        if field.is_repeated:
            getattr(options, name).extend(items(name, value))
        else:
            setattr(options, name, scalar(field, value))
    return normal(options)


def normal(options: Options) -> Options:
    """Return checked `options` without those that have their default, lists sorted and unique.

    Raises `InvalidOption` for the first option that breaks its rule.
    """
    result = type(options)()
    for field, value in options.ListFields():
        if field.is_repeated:
            check_items(field.name, value, rule(field))
            getattr(result, field.name).extend(sorted(set(value)))
            continue
        check(field.name, value, rule(field))
        if text(value) != text(default(field)):
            setattr(result, field.name, value)
    return result


def canonical(options: Message) -> dict[str, str]:
    """Return the options that differ from their defaults as text, by name in alphabetical order.

    Numbers are in their shortest form, lists sorted and joined by commas.
    """
    present = {field.name: value for field, value in normal(options).ListFields()}
    return {name: text(value) for name, value in sorted(present.items())}


def deciding(options: Message) -> dict[str, str]:
    """Return what `canonical` does, without the options whose rule has them outside the cache key.

    Equal inputs with equal deciding options have equal drawings.
    """
    fields = options.DESCRIPTOR.fields_by_name
    return {
        name: value
        for name, value in canonical(options).items()
        if not rule(fields[name]).outside_key
    }


def default(field: Field) -> Any:
    """Return the value of an option that is absent."""
    return scalar(field, rule(field).default_value)


def filled(options: Options) -> dict[str, Any]:
    """Return every option of the drawing by name, defaults filled in; lists as tuples.

    Options outside the cache key are none of the drawing's.
    """
    return {
        field.name: tuple(getattr(options, field.name))
        if field.is_repeated
        else (getattr(options, field.name) if options.HasField(field.name) else default(field))
        for field in options.DESCRIPTOR.fields
        if not rule(field).outside_key
    }


def rule(field: Field) -> options_pb2.OptionRule:
    """Return the rule beside a field."""
    found: options_pb2.OptionRule = field.GetOptions().Extensions[options_pb2.rule]
    return found


def scalar(field: Field, value: Any) -> Any:
    """Return `value`, text or JSON, as what the field holds."""
    kind = field.cpp_type
    if kind == FieldDescriptor.CPPTYPE_STRING:
        if isinstance(value, str):
            return value
        raise InvalidOption(
            f"{field.name} is {shown(value)}; expected text", field.name, value=shown(value)
        )
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return boolean(field.name, value)
    return number(field, value, whole=kind == FieldDescriptor.CPPTYPE_UINT32)


def boolean(name: str, value: Any) -> bool:
    """Return `value` as a truth."""
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else ""
    if word not in TRUE + FALSE:
        raise InvalidOption(
            f"{name} is {shown(value)}; expected true or false", name, value=shown(value)
        )
    return word in TRUE


def number(field: Field, value: Any, *, whole: bool) -> float:
    """Return `value` as a number within the field's bounds."""
    bounds = rule(field)
    expected = (
        f"a {'whole ' if whole else ''}number from {bounds.minimum:g} to {bounds.maximum:.10g}"
    )
    wrong = InvalidOption(
        f"{field.name} is {shown(value)}; expected {expected}",
        field.name,
        value=shown(value),
        expected=expected,
    )
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong
    try:
        found = int(value) if whole and not isinstance(value, float) else float(value)
    except (ValueError, OverflowError):
        raise wrong from None
    if not bounds.minimum <= found <= bounds.maximum or (whole and found != int(found)):
        raise wrong
    return int(found) if whole else found


def items(name: str, value: Any) -> Sequence[str]:
    """Return the elements of a list: a comma list of text, or a JSON array of texts."""
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise InvalidOption(
        f"{name} is {shown(value)}; expected a list of texts", name, value=shown(value)
    )


def check_items(name: str, values: Sequence[str], bounds: options_pb2.OptionRule) -> None:
    """Raise `InvalidOption` unless the list keeps its rule."""
    if len(values) > bounds.max_items:
        raise InvalidOption(
            f"{name} has {len(values)} elements; at most {bounds.max_items} are accepted",
            name,
            found=len(values),
            expected=bounds.max_items,
        )
    for value in values:
        check(name, value, bounds)


def check(name: str, value: Any, bounds: options_pb2.OptionRule) -> None:
    """Raise `InvalidOption` unless the value keeps its rule."""
    if isinstance(value, str):
        if bounds.one_of and value not in bounds.one_of:
            expected = f"one of {', '.join(bounds.one_of)}"
        elif bounds.pattern and not re.fullmatch(bounds.pattern, value):
            expected = bounds.pattern_means
        else:
            return
    elif isinstance(value, bool) or bounds.minimum <= value <= bounds.maximum:
        return
    else:
        expected = f"a number from {bounds.minimum:g} to {bounds.maximum:.10g}"
    raise InvalidOption(
        f"{name} is {shown(value)}; expected {expected}",
        name,
        value=shown(value),
        expected=expected,
    )


def text(value: Any) -> str:
    """Return a value as text, the shortest that means it.

    >>> [text(value) for value in (0.50, 2.0, True, ["b", "a"])]
    ['0.5', '2', 'true', 'b,a']
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value) if isinstance(value, str | int) else ",".join(value)


def unknown(name: str, known: Sequence[str]) -> UnknownOption:
    """Return what to raise for an option that does not exist, with the nearest that does."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
    return UnknownOption(
        f"there is no option {shown(name)}; {hint}", shown(name).strip("'"), known=hint
    )


def shown(value: Any) -> str:
    """Return a wrong value as an error repeats it: quoted when text, and short."""
    told = repr(value)
    return told if len(told) <= SHOWN else told[: SHOWN - 1] + "…"
