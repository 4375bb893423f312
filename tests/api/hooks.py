"""What schemathesis is told beside the description: a photo that is one, and what errors have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import schemathesis

DOCUMENT = Path(__file__).resolve().parents[2] / "protos/gen/python/facesvg/openapi.json"
SUBMIT = json.loads(DOCUMENT.read_text())["paths"]["/api/v1/frontal/crop/submit"]["post"]
SAMPLE = SUBMIT["requestBody"]["content"]["application/json"]["examples"]["points"]["value"]
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Return a submission with a photo and landmarks that are some, where it has any options.

    Text that was made up is never a photo, and no option would be looked at.
    """
    del context
    if isinstance(body, dict) and isinstance(body.get("image"), str) and len(body) > 2:
        return {**body, "image": SAMPLE["image"], "landmarks": SAMPLE["landmarks"]}
    return body


@schemathesis.check
def every_error_has_its_reason(context: Any, response: Any, case: Any) -> None:
    """Hold every error to one `ErrorInfo`, and every wait to the seconds of its header."""
    del context, case
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    details = response.json()["details"]
    [info] = [detail for detail in details if detail["@type"] == ERROR_INFO]
    assert info["domain"] == "facesvg", info
    assert response.json()["message"], "an error without a message"
    if response.status_code in {429, 503, 504}:
        assert "retry-after" in response.headers, "no word on when to come back"
