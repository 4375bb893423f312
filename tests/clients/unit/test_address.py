"""Addresses as people write them."""

from __future__ import annotations

import pytest

from facesvg_client import address


@pytest.mark.parametrize(
    ("url", "target", "is_secure"),
    [
        ("http://localhost:8000", "localhost:8000", False),
        ("localhost:8000/", "localhost:8000", False),
        ("faces.example.org", "faces.example.org:80", False),
        ("https://faces.example.org", "faces.example.org:443", True),
        ("https://[::1]:8443", "[::1]:8443", True),
    ],
)
def test_a_url_is_a_host_a_port_and_whether_tls(url: str, target: str, is_secure: bool) -> None:
    found = address.parse(url)

    assert (found.target, found.is_secure) == (target, is_secure)


@pytest.mark.parametrize(
    "url", ["", "ftp://host", "http://host/api/v1", "host:port", "http://me:word@host", "host?x=1"]
)
def test_what_is_no_address_is_refused_with_what_would_be_one(url: str) -> None:
    with pytest.raises(ValueError, match="expected http://host:port") as caught:
        address.parse(url)

    assert repr(url) in str(caught.value)
