"""What a descriptor set says: messages, methods, reasons of errors, and the comments on them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = ".facesvg.v1."
SERVICE = "GatewayService"
REASON = "ERROR_REASON_"


@dataclass(frozen=True)
class Reason:
    """Why a call can fail: a sentence for people, and an example of its metadata."""

    name: str
    told: str
    metadata: dict[str, str]


class Contract:
    """The messages, methods and comments of a descriptor set."""

    def __init__(self, descriptors: bytes) -> None:
        """Read a serialized `FileDescriptorSet` with source information."""
        pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors).file:
            pool.AddSerializedFile(file.SerializeToString())
        kind = pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet")
        # Options are read with the extensions of this very set, not of stubs from before.
        read: Any = message_factory.GetMessageClass(kind).FromString(descriptors)
        self._http = pool.FindExtensionByName("google.api.http")
        self._rule = pool.FindExtensionByName("facesvg.v1.rule")
        self.messages: dict[str, Any] = {}
        self.enums: dict[str, Any] = {}
        self.comments: dict[str, str] = {}
        self.methods: list[Any] = []
        self.reasons: dict[str, Reason] = {}
        for file in read.file:
            self._read(file)

    def route(self, method: Any) -> tuple[str, str] | None:
        """Return verb and path of a method; None for one that REST does not have."""
        http = method.options.Extensions[self._http]
        verb = http.WhichOneof("pattern")
        return (verb, getattr(http, verb)) if verb else None

    def rule(self, field: Any) -> Any:
        """Return the rule beside a field."""
        return field.options.Extensions[self._rule]

    def _read(self, file: Any) -> None:
        said = {
            tuple(place.path): prose(place.leading_comments)
            for place in file.source_code_info.location
        }
        for number, message in enumerate(file.message_type):
            name = f".{file.package}.{message.name}"
            self.messages[name] = message
            for nested in message.nested_type:
                self.messages[f"{name}.{nested.name}"] = nested
            self.comments[name] = said.get((4, number), "")
            for place, field in enumerate(message.field):
                self.comments[f"{name}.{field.name}"] = said.get((4, number, 2, place), "")
        for number, enum in enumerate(file.enum_type):
            self.enums[f".{file.package}.{enum.name}"] = enum
            for place, value in enumerate(enum.value):
                if value.name.startswith(REASON) and value.number:
                    self._add_reason(value.name, said.get((5, number, 2, place), ""))
        for number, service in enumerate(file.service):
            if service.name != SERVICE:
                continue
            for place, method in enumerate(service.method):
                self.methods.append(method)
                self.comments[method.name] = said.get((6, number, 2, place), "")

    def _add_reason(self, value: str, comment: str) -> None:
        name = value.removeprefix(REASON)
        told, _, example = comment.partition("{")
        metadata = json.loads("{" + example).get("metadata", {}) if example else {}
        self.reasons[name] = Reason(name, told.strip(), metadata)


def prose(comment: str) -> str:
    """Return a comment with one line a paragraph."""
    lines = "\n".join(line.removeprefix(" ") for line in comment.strip("\n").split("\n"))
    joined = re.sub(r"(?<!\n)\n(?!\n|\* )", " ", lines)
    return re.sub(r" {2,}", " ", joined).strip()
