"""The drawing options of one request, wherever they stood in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facesvg.v1 import mask_pb2
from services.runtime import options
from services.runtime.options import InvalidOption

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FIELDS = mask_pb2.DrawOptions.DESCRIPTOR.fields_by_name
NAMES = tuple(FIELDS)


def merged(*sources: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Return the options of several sources (query, form) in canonical form.

    Raises `UnknownOption`, `InvalidOption`, and `InvalidOption` too for an option that has two
    values. Empty text is what a form sends for a field left empty: it counts as absent.
    """
    values: dict[str, Any] = {}
    for source in sources:
        for name, value in gathered(source).items():
            if name in values and meaning(name, value) != meaning(name, values[name]):
                raise conflict(name, values[name], value)
            values[name] = value
    return options.canonical(options.parse(mask_pb2.DrawOptions, values)) if values else {}


def gathered(source: Iterable[tuple[str, Any]]) -> Mapping[str, Any]:
    """Return one source's options by name; a list may come an element at a time."""
    values: dict[str, Any] = {}
    for name, value in source:
        if name not in FIELDS:
            raise options.unknown(name, NAMES)
        if value is None or value == "":
            continue
        if name not in values:
            values[name] = value
        elif FIELDS[name].is_repeated:
            values[name] = ",".join(
                (*options.items(name, values[name]), *options.items(name, value))
            )
        elif meaning(name, value) != meaning(name, values[name]):
            raise conflict(name, values[name], value)
    return values


def meaning(name: str, value: Any) -> str:
    """Return what one option says, in the shortest text; empty for its default."""
    return options.canonical(options.parse(mask_pb2.DrawOptions, {name: value})).get(name, "")


def conflict(name: str, first: Any, second: Any) -> InvalidOption:
    """Return what to raise for an option that has two values."""
    return InvalidOption(
        f"{name} is {options.shown(first)} and {options.shown(second)}; give it once",
        name,
        value=options.shown(second),
        other=options.shown(first),
    )
