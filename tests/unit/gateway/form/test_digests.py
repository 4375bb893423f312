"""What is remembered of digests."""

from __future__ import annotations

from services.gateway.form.digests import Digests


def test_digests_not_asked_for_the_longest_are_forgotten_first() -> None:
    digests = Digests(size=2)
    digests.put(b"a", b"A")
    digests.put(b"b", b"B")
    digests.get(b"a")

    digests.put(b"c", b"C")

    assert [digests.get(name) for name in (b"a", b"b", b"c")] == [b"A", None, b"C"]
