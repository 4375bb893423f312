"""Schemas of messages and their fields, as JSON has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pb2

from openapi.contract import PACKAGE

if TYPE_CHECKING:
    from openapi.contract import Contract

Json = dict[str, Any]

FieldProto = descriptor_pb2.FieldDescriptorProto
SCALARS: dict[int, Json] = {
    FieldProto.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldProto.TYPE_FLOAT: {"type": "number", "format": "float"},
    FieldProto.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldProto.TYPE_BOOL: {"type": "boolean"},
    FieldProto.TYPE_STRING: {"type": "string"},
    FieldProto.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    FieldProto.TYPE_UINT32: {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
}
"""There are no numbers of 64 bits: JSON has them as texts."""

WELL_KNOWN: dict[str, Json] = {
    ".google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    ".google.protobuf.FieldMask": {"type": "string"},
    ".google.protobuf.ListValue": {"type": "array", "items": {}},
}


class Schemas:
    """Collects the schemas of messages that are asked for, and of those they refer to."""

    def __init__(self, contract: Contract) -> None:
        self.found: Json = {}
        self._contract = contract

    def message(self, name: str) -> Json:
        """Return a reference to a message's schema."""
        if name not in self.found:
            owner = PACKAGE + name
            fields = self._contract.messages[owner].field
            schema = self.found[name] = {"type": "object"}
            schema["description"] = self._contract.comments[owner]
            # Zeros and empty lists are written out; messages and optional fields can be absent.
            schema["required"] = [field.name for field in fields if not has_presence(field)]
            schema["properties"] = {field.name: self.field(owner, field) for field in fields}
        return {"$ref": f"#/components/schemas/{name}"}

    def field(self, owner: str, field: Any) -> Json:
        """Return the schema of one field, bounds and all."""
        schema = self._type(field)
        rule = self._contract.rule(field)
        if rule.one_of:
            schema["enum"] = list(rule.one_of)
        if rule.pattern:
            schema["pattern"] = f"^({rule.pattern})$"
        for bound in ("minimum", "maximum"):
            if rule.HasField(bound):
                value = getattr(rule, bound)
                schema[bound] = int(value) if schema["type"] == "integer" else value
        if rule.default_value:
            schema["default"] = as_json(rule.default_value, schema["type"])
        if field.label == FieldProto.LABEL_REPEATED and "additionalProperties" not in schema:
            schema = {"type": "array", "items": schema}
            if rule.max_items:
                schema["maxItems"] = rule.max_items
        return {**schema, "description": self._contract.comments.get(f"{owner}.{field.name}", "")}

    def _type(self, field: Any) -> Json:
        if field.type_name in WELL_KNOWN:
            return dict(WELL_KNOWN[field.type_name])
        if not field.type_name:
            return dict(SCALARS[field.type])
        message = self._contract.messages[field.type_name]
        if message.options.map_entry:
            return {"type": "object", "additionalProperties": self._type(message.field[1])}
        return self.message(field.type_name.removeprefix(PACKAGE))


def has_presence(field: Any) -> bool:
    """Return whether a field can be absent from an answer."""
    is_message = field.type == FieldProto.TYPE_MESSAGE
    is_list = field.label == FieldProto.LABEL_REPEATED
    return bool(field.proto3_optional or (is_message and not is_list))


def as_json(text: str, kind: str) -> object:
    """Return a default, which is text in a rule, as JSON has it.

    >>> as_json("true", "boolean"), as_json("3", "integer"), as_json("0.7", "number")
    (True, 3, 0.7)
    """
    if kind == "boolean":
        return text == "true"
    if kind == "integer":
        return int(text)
    return float(text) if kind == "number" else text
