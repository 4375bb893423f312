from __future__ import annotations

import json
import threading
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from deploy.local.errors import StackError
from deploy.local.rest import Refused, Rest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS = b'data: {"progress": 10}\n\ndata: {"progress": 100}\n\n'
ERROR = {"code": 5, "message": "there is no task x", "details": [{"reason": "TASK_NOT_FOUND"}]}


class Answers(BaseHTTPRequestHandler):
    """Answers by the path, and sends a form's parts back as JSON."""

    def do_GET(self) -> None:
        if self.path == "/events":
            self._answer(200, EVENTS)
        elif self.path == "/list":
            self._answer(200, b"[1, 2]")
        else:
            self._answer(404, json.dumps(ERROR).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        form: Any = BytesParser().parsebytes(head + body)
        parts = {
            part.get_param("name", header="content-disposition"): [
                part.get_filename(),
                part.get_payload(decode=True).decode(),
            ]
            for part in form.get_payload()
        }
        self._answer(200, json.dumps(parts).encode())

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def rest() -> Iterator[Rest]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever).start()
        yield Rest(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def test_files_are_sent_as_a_form(rest: Rest, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("pixels")
    (tmp_path / "landmarks.json").write_text("[]")

    answer = rest.submit(
        "/", {"image": tmp_path / "photo.jpg", "landmarks": tmp_path / "landmarks.json"}
    )

    assert answer == {"image": ["photo.jpg", "pixels"], "landmarks": ["landmarks.json", "[]"]}


def test_events_come_one_by_one(rest: Rest) -> None:
    assert list(rest.events("/events")) == [{"progress": 10}, {"progress": 100}]


def test_bare_list_is_an_object_of_items(rest: Rest) -> None:
    assert rest.json("/list") == {"items": [1, 2]}


def test_error_of_the_suite_keeps_its_words(rest: Rest) -> None:
    with pytest.raises(Refused, match="GET /other: 404, there is no task x") as refused:
        rest.get("/other")

    assert refused.value.told["details"] == [{"reason": "TASK_NOT_FOUND"}]


def test_refused_watch_is_an_error(rest: Rest) -> None:
    with pytest.raises(Refused):
        list(rest.events("/other"))


def test_silent_door_is_named() -> None:
    with pytest.raises(StackError, match=r"127\.0\.0\.1:9 does not answer"):
        Rest("http://127.0.0.1:9").get("/health")
