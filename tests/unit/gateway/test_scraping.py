"""Pages of metrics behind a name."""

from __future__ import annotations

import asyncio
import http.server
import threading
from typing import TYPE_CHECKING

import pytest

from services.gateway.exposition import Source
from services.gateway.scraping import instances, scraped

if TYPE_CHECKING:
    from collections.abc import Iterator


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with one series."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x 1.0\n")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_name_is_asked_at_each_of_its_addresses() -> None:
    assert instances("http://127.0.0.1:9104/metrics") == ["http://127.0.0.1:9104/metrics"]
    assert instances("http://localhost:9104/metrics") == ["http://127.0.0.1:9104/metrics"]
    assert instances("http://[::1]/metrics") == ["http://[::1]:80/metrics"]


@pytest.mark.parametrize("url", ["", "nonsense", "http://127.0.0.1:99999/metrics"])
def test_what_is_no_address_has_no_page(url: str) -> None:
    assert asyncio.run(scraped("worker", url)) == {Source("worker"): None}


def test_a_single_page_is_the_services(port: int) -> None:
    found = asyncio.run(scraped("worker", f"http://127.0.0.1:{port}/metrics"))

    assert found == {Source("worker"): b"x 1.0\n"}
