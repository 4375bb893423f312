"""The whole document."""

from __future__ import annotations

from typing import Any

from openapi.contract import Contract
from openapi.failures import status
from openapi.operations import TAGS, operation
from openapi.schemas import Schemas

Json = dict[str, Any]

ABOUT = """
Draws the regions of faces: a photo, its facial landmarks and, where there is one, a segmentation
map become an SVG.

Send a photo to `render` and wait for its SVG; or to `submit`, and ask for the task's `status`, or
`watch` it. The same photo with the same options is answered from the cache.

Every error is a `google.rpc.Status` with exactly one `google.rpc.ErrorInfo`, whose `reason` is for
programs; its `message` says what was wrong and what would be right. Every answer has an
`x-request-id`, which leads to it in the logs.

A service that listens beyond its own machine asks for an API key, as `x-api-key` or as
`authorization: Bearer`. gRPC has the same methods on the same port.
"""


def document(descriptors: bytes, *, version: str) -> Json:
    """Return the OpenAPI document of a serialized descriptor set."""
    contract = Contract(descriptors)
    schemas = Schemas(contract)
    paths: Json = {}
    for method in contract.methods:
        if route := contract.route(method):
            verb, path = route
            paths.setdefault(path, {})[verb] = operation(contract, schemas, method, path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "facesvg",
            "version": version,
            "summary": "Face photos become SVGs of the face's regions.",
            "description": paragraphs(ABOUT),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "This very service."}],
        "security": [{}, {"ApiKey": []}, {"Bearer": []}],
        "tags": [{"name": name, "description": told} for name, (told, _) in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": {"Status": status(), **dict(sorted(schemas.found.items()))},
            "securitySchemes": {
                "ApiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "x-api-key",
                    "description": "A key, where keys are asked for.",
                },
                "Bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The same key, or a JSON Web Token where those are taken.",
                },
            },
        },
    }


def paragraphs(text: str) -> str:
    """Return a text with one line a paragraph."""
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))
