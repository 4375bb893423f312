"""What surrounds every message."""

from __future__ import annotations

import pytest

from services.processor.middleware import without_password


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://me:secret@redis:6379/0", "redis://redis:6379/0"),
        ("rediss://:secret@[::1]:6379/0?password=secret", "rediss://[::1]:6379/0"),
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("unix://me:secret@/run/redis.sock?db=1", "unix:/run/redis.sock"),
    ],
)
def test_an_address_is_told_without_its_password(url: str, told: str) -> None:
    assert without_password(url) == told
