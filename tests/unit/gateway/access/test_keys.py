from __future__ import annotations

import re

import pytest

from services.gateway import keys as command
from services.gateway.access.keys import Key, KeyLineError, digest_of, new_secret, parsed

DIGEST = "9f" * 32


def test_a_key_is_long_and_never_the_same() -> None:
    first, second = new_secret(), new_secret()

    assert first != second
    assert re.fullmatch(r"facesvg_[A-Za-z0-9_-]{43}", first)


def test_a_line_says_what_a_key_allows() -> None:
    (key,) = parsed(f"ana sha256={DIGEST} tenant=studio scopes=draw,admin rate=2.5 quota=100")

    assert key == Key(
        "ana", bytes.fromhex(DIGEST), "studio", frozenset({"draw", "admin"}), 2.5, 100
    )


def test_a_key_without_more_draws_for_itself_without_limit() -> None:
    (key,) = parsed(f"ana sha256={DIGEST}")

    assert key == Key("ana", bytes.fromhex(DIGEST), "ana", frozenset({"draw"}), None, None)


def test_a_key_is_written_as_it_is_read() -> None:
    line = f"ana sha256={DIGEST} tenant=studio scopes=draw,admin rate=2.5 quota=100"

    assert parsed(line)[0].line() == line


def test_blank_lines_and_comments_are_skipped() -> None:
    assert len(parsed(f"# of the studio\n\nana sha256={DIGEST}\n  # end\n")) == 1


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("ana", "sha256 is ''"),
        ("ana sha256=abc", "sha256 is 'abc'"),
        (f"a/b sha256={DIGEST}", "name is 'a/b'"),
        (f"ana sha256={DIGEST} tenant=", "tenant is ''"),
        (f"ana sha256={DIGEST} scopes=root", "scopes is 'root'"),
        (f"ana sha256={DIGEST} rate=fast", "rate is 'fast'"),
        (f"ana sha256={DIGEST} rate=nan", "rate is 'nan'"),
        (f"ana sha256={DIGEST} quota=-1", "quota is '-1'"),
        (f"ana sha256={DIGEST} colour=red", "'colour'"),
        (f"ana sha256={DIGEST} rate=1 rate=2", "'rate'"),
        (f"ana sha256={DIGEST}\nana sha256={DIGEST}", "ana comes twice"),
    ],
)
def test_a_bad_line_is_told_with_its_number(line: str, wrong: str) -> None:
    with pytest.raises(KeyLineError, match=re.escape(wrong)) as caught:
        parsed(line)

    assert re.match(r"line \d+: ", str(caught.value))


def test_the_command_prints_a_key_and_the_line_that_lets_it_in() -> None:
    printed = command.main(["new", "ana", "--tenant", "studio", "--rate", "5"]).splitlines()

    secret, line = printed[1], printed[4]
    (key,) = parsed(line)
    assert key.digest == digest_of(secret)
    assert (key.name, key.tenant, key.rate) == ("ana", "studio", 5)
    assert secret not in line


def test_the_command_refuses_a_name_that_cannot_be() -> None:
    with pytest.raises(KeyLineError, match="name is"):
        command.main(["new", "a/b"])
