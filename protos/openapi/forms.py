"""What a submission sends: a form or JSON, and options in the query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi import samples
from openapi.contract import PACKAGE

if TYPE_CHECKING:
    from openapi.contract import Contract
    from openapi.schemas import Schemas

Json = dict[str, Any]

OWNER = f"{PACKAGE}DrawOptions"
PARTS = ("image", "landmarks")
"""The parts that every submission has."""

FILES = {
    "image": ("image/png, image/jpeg, image/webp", "The photo: PNG, JPEG or WebP."),
    "landmarks": (
        "application/json, text/csv, text/plain",
        "The facial landmarks, of MediaPipe Face Mesh (478 or 468), iBUG (68) or WFLW (98).",
    ),
    "segmentation_map": (
        "image/png, application/json",
        "The segmentation map: a PNG of labels, or JSON: lists of landmark indices by region name.",
    ),
}
"""The files of a form: media types, and what they are."""


def options(contract: Contract, schemas: Schemas) -> Json:
    """Return the schemas of all drawing options by name."""
    found = {field.name: schemas.field(OWNER, field) for field in contract.messages[OWNER].field}
    for schema in found.values():
        # Else pages make something up to fill in.
        schema.setdefault("default", [] if schema["type"] == "array" else "")
    return found


def parameter(contract: Contract, schemas: Schemas) -> Json:
    """Return the drawing options as they stand in the query, each a parameter of its own."""
    chosen = options(contract, schemas)
    return {
        "name": "options",
        "in": "query",
        "description": "Drawing options, each by its own name; here, or in the form or JSON.",
        "style": "form",
        "explode": True,
        "schema": {
            "type": "object",
            "properties": {name: as_text(schema) for name, schema in chosen.items()},
            "additionalProperties": False,
        },
        # What a page fills in by itself would differ from the form once that is changed.
        "example": {},
    }


def as_text(schema: Json) -> Json:
    """Return the schema of an option in a query: lists are joined by commas."""
    if schema["type"] != "array":
        return schema
    item = schema["items"]["pattern"].strip("^$")
    return {
        "type": "string",
        "pattern": f"^{item}(,{item})*$",
        "description": schema["description"],
    }


def or_null(schema: Json) -> Json:
    """Return the schema of an option in JSON, where null is as good as nothing."""
    nullable = {**schema, "type": [schema["type"], "null"]}
    return {**nullable, "enum": [*schema["enum"], None]} if "enum" in schema else nullable


def body(contract: Contract, schemas: Schemas) -> Json:
    """Return the body of a submission."""
    chosen = options(contract, schemas)
    return {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": shape({name: file(told) for name, (_, told) in FILES.items()} | chosen),
                "encoding": {name: {"contentType": kinds} for name, (kinds, _) in FILES.items()},
            },
            "application/json": {
                "schema": shape(
                    members() | {name: or_null(schema) for name, schema in chosen.items()}
                ),
                "examples": {
                    "points": {
                        "summary": "68 landmarks of a grey photo, to be tried as it is",
                        "value": samples.submission(),
                    }
                },
            },
        },
    }


def shape(properties: Json) -> Json:
    """Return the schema of a body."""
    return {
        "type": "object",
        "required": list(PARTS),
        "properties": properties,
        "additionalProperties": False,
    }


def file(told: str) -> Json:
    """Return a file of a form."""
    return {
        "type": "string",
        "contentMediaType": "application/octet-stream",
        "description": told,
    }


def members() -> Json:
    """Return the parts as members of JSON."""
    base64 = {"type": "string", "description": "Base64, bare or a `data:` URL."}
    indices = {
        "type": "object",
        "description": "Lists of landmark indices by region name.",
        "additionalProperties": {"type": "array", "items": {"type": "integer", "minimum": 0}},
    }
    return {
        "image": base64,
        "landmarks": {
            "type": "array",
            "items": {},
            "description": "The facial landmarks: `[x, y]` or `{x, y}` each.",
        },
        "segmentation_map": {"oneOf": [base64, indices, {"type": "null"}]},
    }
