"""An audit that nobody answers is told as none, and fails only where it was asked for."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from deploy import audit

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["refuses", "is silent"])
def _service(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        if request.param == "is silent":
            server.listen()
        port = server.getsockname()[1]
        monkeypatch.setattr(audit, "SERVICE", f"http://127.0.0.1:{port}/")
        monkeypatch.setattr(audit, "ANSWER_SECONDS", 0.2)
        yield


@pytest.mark.usefixtures("_service")
@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [([], 2, "nothing was audited: "), (["--if-it-answers"], 0, "skipped the audit: ")],
)
def test_no_answer_is_soon_told(
    arguments: list[str], status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()

    assert audit.main(arguments) == status

    assert capsys.readouterr().out == told + audit.SILENT + "\n"
    assert time.monotonic() - began < 10
