"""The call of a `callback_url`, as a callback of the operation that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi import samples

if TYPE_CHECKING:
    from openapi.contract import Contract
    from openapi.schemas import Schemas

Json = dict[str, Any]

NAME = "WebhookEvent"
OWNER = ".facesvg.v1.WebhookEvent"
SIGNED = (
    "For each of the service's secrets `v1,` and the base64 of the HMAC-SHA256 over "
    "`id.timestamp.body`, with spaces between."
)
HEADERS = {
    "webhook-id": ("The same in every attempt.", samples.TASK_ID),
    "webhook-timestamp": ("When it was signed, in seconds since 1970.", "1795852800"),
    "webhook-signature": (
        SIGNED,
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
}
EVENT: Json = {
    "type": "task.success",
    "timestamp": samples.COMPLETED,
    "data": {
        "task_id": samples.TASK_ID,
        "status": "SUCCESS",
        "input_hash": samples.HASH,
        "submitted_at": samples.SUBMITTED,
        "completed_at": samples.COMPLETED,
        "processing_time_ms": 27,
        "regions_detected": 27,
        "status_url": f"/api/v1/frontal/crop/status/{samples.TASK_ID}",
        "svg_url": samples.SVG_URL,
    },
}


def callbacks(contract: Contract, schemas: Schemas) -> Json:
    """Return what a submission that names a `callback_url` brings about."""
    call: Json = {
        "operationId": "TaskEnded",
        "summary": "Tells that a task has ended",
        "description": contract.comments[OWNER],
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": told,
                "schema": {"type": "string"},
                "example": example,
            }
            for name, (told, example) in HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schemas.message(NAME), "example": EVENT}},
        },
        "responses": {
            "2XX": {"description": "The message is taken. After any other it comes again."}
        },
    }
    return {"taskEnded": {"{$request.body#/callback_url}": {"post": call}}}
