"""What docs/webhooks.md shows of verifying a signature, run as a reader would."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from services.gateway.webhooks.signature import secret_of, sign

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()
SECRET = "whsec_dGhpcnR5LXR3byBieXRlcyBvZiBubyBjaGFuY2Uh"  # noqa: S105 - of this test
BODY = '{"type":"task.success","data":{"who":"J\u00fcrgen"}}'
NODE = shutil.which("node")

SCRIPT = """
import { readFileSync } from "node:fs";
const [headers, body, secret] = JSON.parse(readFileSync(0));
console.log(JSON.stringify(verified(headers, Buffer.from(body), secret)));
"""


def example(language: str) -> str:
    found: str
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


def in_python(headers: dict[str, str], body: str) -> Any:
    names: dict[str, Any] = {}
    exec(example("python"), names)  # noqa: S102 - the page's own
    return names["verified"](headers, body.encode(), SECRET)


def in_node(headers: dict[str, str], body: str) -> Any:
    done = subprocess.run(
        [NODE or "", "--input-type=module", "--eval", example("js") + SCRIPT],
        input=json.dumps([headers, body, SECRET]),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise ValueError(done.stderr)
    return json.loads(done.stdout)


def headers(*, age: float = 0, secrets: tuple[str, ...] = (SECRET,)) -> dict[str, str]:
    at = int(time.time() - age)
    keys = [secret_of(secret) for secret in secrets]
    return {
        "webhook-id": "d-1",
        "webhook-timestamp": str(at),
        "webhook-signature": sign(keys, "d-1", at, BODY.encode()),
    }


needs_node = pytest.mark.skipif(NODE is None, reason="node is not there")
LANGUAGES = pytest.mark.parametrize(
    "verified",
    [pytest.param(in_python, id="python"), pytest.param(in_node, id="node", marks=needs_node)],
)


@LANGUAGES
def test_what_the_service_signs_is_taken(
    verified: Callable[[dict[str, str], str], Any],
) -> None:
    both = ("whsec_" + "A" * 44, SECRET)

    assert verified(headers(), BODY) == json.loads(BODY)
    assert verified(headers(secrets=both), BODY) == json.loads(BODY)


@LANGUAGES
@pytest.mark.parametrize(
    ("told", "body"),
    [
        (headers(), BODY.replace("success", "failure")),
        ({**headers(), "webhook-id": "d-2"}, BODY),
        ({**headers(), "webhook-signature": "v1,"}, BODY),
        (headers(secrets=("whsec_" + "A" * 44,)), BODY),
        (headers(age=3600), BODY),
    ],
    ids=["body", "id", "nothing", "secret", "age"],
)
def test_whatever_else_comes_is_not(
    verified: Callable[[dict[str, str], str], Any], told: dict[str, str], body: str
) -> None:
    with pytest.raises(ValueError, match="not a webhook of the service"):
        verified(told, body)
