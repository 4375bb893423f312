"""From the contract's messages to the client's nouns, field by field of the same name."""

from __future__ import annotations

import dataclasses
from datetime import UTC
from typing import TYPE_CHECKING, Any, TypeVar

from google.protobuf.field_mask_pb2 import FieldMask

from facesvg.v1 import cache_pb2, gateway_pb2, mask_pb2, processor_pb2, task_pb2
from facesvg_client import nouns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.protobuf.message import Message

Noun = TypeVar("Noun")

NOUNS: dict[str, type[Any]] = {
    message.DESCRIPTOR.full_name: noun
    for message, noun in (
        (mask_pb2.Point, nouns.Point),
        (mask_pb2.Box, nouns.Box),
        (mask_pb2.Ring, nouns.Ring),
        (mask_pb2.Region, nouns.Region),
        (task_pb2.TaskError, nouns.TaskError),
        (task_pb2.Delivery, nouns.Delivery),
        (task_pb2.TaskSummary, nouns.TaskSummary),
        (cache_pb2.CacheStats, nouns.CacheStats),
        (processor_pb2.Preset, nouns.Preset),
        (gateway_pb2.ServiceHealth, nouns.ServiceHealth),
        (gateway_pb2.GetHealthResponse, nouns.Health),
        (gateway_pb2.SubmitResponse, nouns.Submitted),
    )
}
ALWAYS = ("task_id", "status")
"""Fields that a task is asked for whatever else is."""
KINDS = {"status": nouns.Status, "cache_match": nouns.Match}
"""Fields of text that have few values, in the messages that have them so."""


def reader(kind: type[Noun]) -> Callable[[Message], Noun]:
    """Return what reads messages as a kind of noun."""
    return lambda message: noun_of(kind, message, {})


def mask(paths: Iterable[str]) -> FieldMask | None:
    """Return what of a task is asked for; all of it without paths."""
    asked = tuple(paths)
    return FieldMask(paths=(*ALWAYS, *asked)) if asked else None


def task(message: task_pb2.Task) -> nouns.Task:
    """Return a task, and its drawing with it."""
    result = drawing(message) if message.HasField("result") else None
    return noun_of(nouns.Task, message, {"result": result})


def drawing(message: task_pb2.Task) -> nouns.Drawing:
    """Return a task's drawing; the text of its SVG is empty where it comes apart from it."""
    facts = {
        "task_id": message.task_id,
        "input_hash": message.input_hash,
        "svg": message.result.svg.decode(),
        "cache_match": nouns.Match.NONE,
        "similarity_distance": None,
    }
    return noun_of(nouns.Drawing, message.result, facts)


def noun_of(kind: type[Noun], message: Message, facts: dict[str, Any]) -> Noun:
    """Return a dataclass filled from a message."""
    known = message.DESCRIPTOR.fields_by_name
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type] # they are
    found = {name: value(message, known[name]) for name in names if name not in facts}
    return kind(**found, **facts)


def value(message: Message, field: Any) -> Any:
    """Return a field as the nouns have it; None where it is absent and that is told apart."""
    found = getattr(message, field.name)
    if field.is_repeated:
        is_map = field.message_type and field.message_type.GetOptions().map_entry
        return dict(found) if is_map else tuple(map(element, found))
    if field.has_presence and not message.HasField(field.name):
        return None
    if field.name in KINDS and message.DESCRIPTOR.name != "GetHealthResponse":
        return KINDS[field.name](found)
    return element(found)


def element(found: Any) -> Any:
    """Return one value as the nouns have it."""
    descriptor = getattr(found, "DESCRIPTOR", None)
    if descriptor is None:
        return found
    if descriptor.full_name == "google.protobuf.Timestamp":
        return found.ToDatetime(UTC)
    return noun_of(NOUNS[descriptor.full_name], found, {})
