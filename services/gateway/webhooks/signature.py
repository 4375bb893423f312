"""Signatures by Standard Webhooks: HMAC-SHA256 over the message's id, its time and its body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = "whsec_"
LEAST, MOST = 24, 64
"""Bytes of a secret, as the specification has them."""


def secret_of(text: str) -> bytes:
    """Return the key that a secret as people copy it stands for; raises ValueError.

    >>> secret_of("whsec_" + base64.b64encode(bytes(24)).decode()) == bytes(24)
    True
    """
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(PREFIX) or not LEAST <= len(key) <= MOST:
        raise ValueError(f"expected {PREFIX} and the base64 of {LEAST} to {MOST} bytes")
    return key


def sign(secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature`: one signature for each secret.

    >>> sign([bytes(24)], "a", 1, b"{}")
    'v1,...='
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(secret, signed, hashlib.sha256) for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
