"""The REST contract as an OpenAPI 3.1 document, out of a descriptor set.

Routes come from the `google.api.http` annotations, words from the comments, bounds and defaults
of the drawing options from their rules: what Envoy and the gateway obey is what is described.
"""

from __future__ import annotations

import re
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Json = dict[str, Any]

PACKAGE = ".facesvg.v1."
STATUS = "#/components/schemas/Status"
HASH = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"

# What the transcoder makes of a status that a method's comment names, and of those that any
# answer of the gateway or of Envoy before it can carry.
HTTP = {
    "INVALID_ARGUMENT": "400",
    "FAILED_PRECONDITION": "400",
    "UNAUTHENTICATED": "401",
    "PERMISSION_DENIED": "403",
    "NOT_FOUND": "404",
    "RESOURCE_EXHAUSTED": "429",
    "CANCELLED": "499",
    "INTERNAL": "500",
    "DATA_LOSS": "500",
    "UNAVAILABLE": "503",
    "DEADLINE_EXCEEDED": "504",
}
OURS = ("tenant",)
"""Fields that the gateway fills in itself; it refuses them as parameters."""

ANYWHERE = {
    "400": "The request is malformed, or a value is out of range.",
    "401": "The API key is missing, or not one that is known.",
    "403": "The API key does not allow this method.",
    "408": "The request did not arrive in time.",
    "429": "Too many requests. Wait as `RetryInfo` says.",
    "499": "The client gave up.",
    "500": "The service failed; the request is not to blame.",
    "503": "A part of the service does not answer. Send the request again.",
    "504": "The answer takes longer than the call may.",
}
TOO_LARGE = "The upload, or a part of it, is larger than allowed."

SCALARS: dict[int, Json] = {
    1: {"type": "number", "format": "double"},
    2: {"type": "number", "format": "float"},
    3: {"type": "string", "format": "int64"},
    4: {"type": "string", "format": "uint64"},
    5: {"type": "integer", "format": "int32"},
    8: {"type": "boolean"},
    9: {"type": "string"},
    12: {"type": "string", "contentEncoding": "base64"},
    13: {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
}
WELL_KNOWN: dict[str, Json] = {
    ".google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    ".google.protobuf.Struct": {"type": "object"},
    ".google.protobuf.Value": {},
    ".google.protobuf.ListValue": {"type": "array", "items": {}},
}
# Methods that answer with a document of their own: content type and schema.
DOCUMENTS: dict[str, tuple[str, Json]] = {
    "Render": ("image/svg+xml", {"type": "string"}),
    "GetSvg": ("image/svg+xml", {"type": "string"}),
    "ListRecent": (
        "application/json",
        {"type": "array", "items": {"$ref": "#/components/schemas/TaskSummary"}},
    ),
    "GetSuiteMetrics": ("text/plain", {"type": "string"}),
}
FORMS = frozenset({"SubmitForm", "Render"})


class Contract:
    """The messages and comments of a descriptor set."""

    def __init__(self, descriptors: bytes) -> None:
        """Read a serialized `FileDescriptorSet` with source information."""
        pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors).file:
            pool.AddSerializedFile(file.SerializeToString())
        kind = pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet")
        # Options are read with the extensions of this very set, not of stubs from before.
        read: Any = message_factory.GetMessageClass(kind).FromString(descriptors)
        self.http = pool.FindExtensionByName("google.api.http")
        self.rule = pool.FindExtensionByName("facesvg.v1.rule")
        self.messages: dict[str, Any] = {}
        self.enums: dict[str, Any] = {}
        self.comments: dict[str, str] = {}
        self.methods: list[Any] = []
        for file in read.file:
            self._read(file)

    def _read(self, file: Any) -> None:
        said = {
            tuple(place.path): _prose(place.leading_comments)
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
        for enum in file.enum_type:
            self.enums[f".{file.package}.{enum.name}"] = enum
        for number, service in enumerate(file.service):
            if service.name != "GatewayService":
                continue
            for place, method in enumerate(service.method):
                self.methods.append(method)
                self.comments[method.name] = said.get((6, number, 2, place), "")


def document(descriptors: bytes, *, version: str) -> Json:
    """Return the OpenAPI document of a serialized descriptor set."""
    contract = Contract(descriptors)
    schemas: Json = {"Status": _status(contract)}
    paths: Json = {}
    for method in contract.methods:
        http = method.options.Extensions[contract.http]
        verb = http.WhichOneof("pattern")
        if verb is None:
            continue
        path = getattr(http, verb)
        paths.setdefault(path, {})[verb] = _operation(contract, method, path, schemas)
    _collect(contract, "TaskSummary", schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "facesvg",
            "version": version,
            "description": "Draws the regions of faces: a photo, its facial landmarks and, where "
            "there is one, a segmentation map become an SVG.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"ApiKey": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
        },
    }


def _operation(contract: Contract, method: Any, path: str, schemas: Json) -> Json:
    comment = contract.comments[method.name]
    told, errors = _errors(comment)
    operation: Json = {
        "operationId": method.name,
        "summary": told.partition("\n")[0],
        "description": told,
        "responses": {"200": _answer(contract, method, schemas)},
    }
    request = contract.messages[method.input_type]
    if method.name in FORMS:
        operation["parameters"] = []
        operation["requestBody"] = _form(contract)
        errors["413"] = TOO_LARGE
    else:
        operation["parameters"] = [
            _parameter(contract, method.input_type, field, path)
            for field in request.field
            if field.name not in OURS
        ]
    for code, text in sorted({**ANYWHERE, **errors}.items()):
        operation["responses"][code] = {
            "description": text,
            "content": {"application/json": {"schema": {"$ref": STATUS}}},
        }
    return operation


def _answer(contract: Contract, method: Any, schemas: Json) -> Json:
    if method.name in DOCUMENTS:
        kind, schema = DOCUMENTS[method.name]
        return {"description": "The document.", "content": {kind: {"schema": schema}}}
    name = method.output_type.removeprefix(PACKAGE)
    _collect(contract, name, schemas)
    schema = {"$ref": f"#/components/schemas/{name}"}
    kind = "application/json"
    if method.server_streaming:
        kind, schema = "text/event-stream", {"type": "string"}
    return {
        "description": contract.comments[method.output_type] or "The answer.",
        "content": {kind: {"schema": schema}},
    }


def _parameter(contract: Contract, owner: str, field: Any, path: str) -> Json:
    inside = f"{{{field.name}}}" in path
    schema = _schema(contract, owner, field, {})
    if field.name == "input_hash":
        schema |= {"pattern": "^[0-9a-f]{64}$", "examples": [HASH]}
    if field.name == "task_id":
        schema |= {"examples": ["0f8fad5b-d9cb-469f-a165-70867728950e"]}
    described = schema.pop("description", "")
    return {
        "name": field.name,
        "in": "path" if inside else "query",
        "required": inside,
        "description": described,
        "schema": schema,
    }


def _form(contract: Contract) -> Json:
    owner = f"{PACKAGE}DrawOptions"
    options = {
        field.name: _schema(contract, owner, field, {}) for field in contract.messages[owner].field
    }
    texts = {
        name: {**schema, "type": "string"} if schema.get("type") == "array" else schema
        for name, schema in options.items()
    }
    for schema in texts.values():
        if schema["type"] == "string":
            for word in ("items", "maxItems"):
                schema.pop(word, None)
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    parts = {
        "image": {**file, "description": "The photo."},
        "landmarks": {**file, "description": "The facial landmarks, as JSON."},
        "segmentation_map": {**file, "description": "The segmentation map."},
    }
    base64 = {"type": "string", "description": "Base64, bare or a `data:` URL."}
    indices = {
        "type": "object",
        "description": "Lists of landmark indices by region name.",
        "additionalProperties": {"type": "array", "items": {"type": "integer", "minimum": 0}},
    }
    members = {
        "image": base64,
        "landmarks": {"type": "array", "items": {}, "description": "The facial landmarks."},
        "segmentation_map": {"oneOf": [base64, indices]},
    }
    required = ["image", "landmarks"]
    return {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": required, "properties": parts | texts}
            },
            "application/json": {
                "schema": {"type": "object", "required": required, "properties": members | options}
            },
        },
    }


def _collect(contract: Contract, name: str, schemas: Json) -> None:
    """Add a message's schema, and those it refers to."""
    if name in schemas:
        return
    owner = PACKAGE + name
    schema: Json = {"type": "object", "description": contract.comments[owner], "properties": {}}
    schemas[name] = schema
    for field in contract.messages[owner].field:
        schema["properties"][field.name] = _schema(contract, owner, field, schemas)


def _schema(contract: Contract, owner: str, field: Any, schemas: Json) -> Json:
    schema = _type(contract, field, schemas)
    rule = field.options.Extensions[contract.rule]
    if rule.one_of:
        schema["enum"] = list(rule.one_of)
    if rule.pattern:
        schema["pattern"] = f"^({rule.pattern})$"
    for ours in ("minimum", "maximum"):
        if rule.HasField(ours):
            schema[ours] = getattr(rule, ours)
    if rule.default_value:
        schema["default"] = _value(rule.default_value, schema["type"])
    repeated = field.label == descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
    if repeated and "additionalProperties" not in schema:
        schema = {"type": "array", "items": schema}
        if rule.max_items:
            schema["maxItems"] = rule.max_items
    return {**schema, "description": contract.comments.get(f"{owner}.{field.name}", "")}


def _type(contract: Contract, field: Any, schemas: Json) -> Json:
    if field.type_name in WELL_KNOWN:
        return dict(WELL_KNOWN[field.type_name])
    if field.type_name in contract.enums:
        return {"type": "string", "enum": [v.name for v in contract.enums[field.type_name].value]}
    if not field.type_name:
        return dict(SCALARS[field.type])
    message = contract.messages[field.type_name]
    if message.options.map_entry:
        return {
            "type": "object",
            "additionalProperties": _type(contract, message.field[1], schemas),
        }
    name = field.type_name.removeprefix(PACKAGE)
    _collect(contract, name, schemas)
    return {"$ref": f"#/components/schemas/{name}"}


def _value(text: str, kind: str) -> object:
    if kind == "boolean":
        return text == "true"
    if kind == "integer":
        return int(text)
    return float(text) if kind == "number" else text


def _status(contract: Contract) -> Json:
    prefix = "ERROR_REASON_"
    reasons = [
        value.name.removeprefix(prefix)
        for value in contract.enums[f"{PACKAGE}ErrorReason"].value
        if value.number
    ]
    info = {
        "type": "object",
        "properties": {
            "@type": {"type": "string"},
            "reason": {"type": "string", "enum": reasons},
            "domain": {"type": "string"},
            "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }
    return {
        "type": "object",
        "description": "A `google.rpc.Status` with one `google.rpc.ErrorInfo` in its details.",
        "properties": {
            "code": {"type": "integer", "format": "int32"},
            "message": {"type": "string"},
            "details": {"type": "array", "items": {"anyOf": [info, {"type": "object"}]}},
        },
    }


def _errors(comment: str) -> tuple[str, Json]:
    """Return a method's comment without its list of errors, and these by HTTP code."""
    told, *bullets = re.split(r"^\* ", comment, flags=re.MULTILINE)
    errors: Json = {}
    for bullet in bullets:
        code, _, text = bullet.partition(": ")
        at = HTTP[code.strip("`")]
        errors[at] = f"{errors[at]} {text.strip()}" if at in errors else text.strip()
    return told.strip(), errors


def _prose(comment: str) -> str:
    """Return a comment with one line a paragraph."""
    lines = "\n".join(line.removeprefix(" ") for line in comment.strip("\n").split("\n"))
    joined = re.sub(r"(?<!\n)\n(?!\n|\* )", " ", lines)
    return re.sub(r" {2,}", " ", joined).strip()
