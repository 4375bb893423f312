"""Which callback URLs may be called."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from services.gateway.webhooks.guard import BadCallback, Guard, Target

GUARD = Guard(ports=frozenset({80, 443, 8443}))


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.com", Target("https", "example.com", 443, "/")),
        ("https://example.com?a=1", Target("https", "example.com", 443, "/?a=1")),
        ("https://EXAMPLE.com:8443/a/b?c=d", Target("https", "example.com", 8443, "/a/b?c=d")),
        ("HTTPS://example.com./x", Target("https", "example.com.", 443, "/x")),
        ("https://xn--bcher-kva.example/", Target("https", "xn--bcher-kva.example", 443, "/")),
        ("https://93.184.215.14/", Target("https", "93.184.215.14", 443, "/")),
        ("https://[2606:2800:21f::1]/", Target("https", "2606:2800:21f::1", 443, "/")),
    ],
)
def test_who_is_called(url: str, target: Target) -> None:
    assert GUARD.target(url) == target


@pytest.mark.parametrize(
    ("target", "authority"),
    [
        (Target("https", "example.com", 443, "/"), "example.com"),
        (Target("https", "example.com", 80, "/"), "example.com:80"),
        (Target("http", "example.com", 80, "/"), "example.com"),
        (Target("https", "::1", 8443, "/"), "[::1]:8443"),
    ],
)
def test_what_the_host_header_says(target: Target, authority: str) -> None:
    assert target.authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "//example.com/",
        "example.com",
        "",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:word@example.com/",
        "https://example.com@10.0.0.1/",
        "https://@example.com/",
        "https://example.com/#part",
        "https://example.com/#",
        "https://example.com\\@10.0.0.1/",
        "https://exa mple.com/",
        "https://example.com/\nHost: other",
        "https://example.com:22/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:port/",
        "https://-example.com/",
        "https://exa_mple.com/",
        "https://b\u00fccher.example/",
        "https://\u24d4xample.com/",
        "https://%31%32%37.0.0.1/",
        "https://[::1/",
        "https://[::1%25eth0]/",
        "https://[fe80::1%eth0]/",
    ],
)
def test_what_cannot_be_called(url: str) -> None:
    with pytest.raises(BadCallback):
        GUARD.target(url)


NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - an address among others
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_not_called_however_it_comes(address: str) -> None:
    host = f"[{address}]" if ":" in address else address

    with pytest.raises(BadCallback, match="not a public address"):
        GUARD.admit([ip_address(address)])
    with pytest.raises(BadCallback, match="not a public address"):
        GUARD.target(f"https://{host}/")


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f::1", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"]
)
def test_a_public_address_is_called(address: str) -> None:
    GUARD.admit([ip_address(address)])


def test_one_address_that_is_not_public_spoils_a_name() -> None:
    with pytest.raises(BadCallback, match=r"10\.0\.0\.1"):
        GUARD.admit([ip_address("93.184.215.14"), ip_address("10.0.0.1")])


def test_what_only_the_resolver_takes_for_an_address_is_left_to_it() -> None:
    # 127.0.0.1 to getaddrinfo, which is asked before each call and whose answer is judged.
    assert [GUARD.target(f"https://{host}/").host for host in ("2130706433", "0x7f.1")] == [
        "2130706433",
        "0x7f.1",
    ]


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "fd00::9"])
def test_the_operators_own_networks_may_be_called(address: str) -> None:
    guard = Guard(GUARD.ports, [ip_network("10.1.0.0/16"), ip_network("fd00::/8")])

    guard.admit([ip_address(address)])
    with pytest.raises(BadCallback):
        guard.admit([ip_address("10.2.0.1")])


def test_plain_http_is_for_those_who_allow_it() -> None:
    guard = Guard(GUARD.ports, allows_http=True)

    assert guard.target("http://example.com/").port == 80
    with pytest.raises(BadCallback, match="it begins with http:, not https:"):
        GUARD.target("http://example.com/")


@pytest.mark.parametrize("url", ["https://user:t0ken@example.com/", "https://h:9/t0ken", "x:t0ken"])
def test_a_refusal_does_not_repeat_what_may_be_a_secret(url: str) -> None:
    with pytest.raises(BadCallback) as caught:
        GUARD.target(url)

    assert "t0ken" not in str(caught.value)
