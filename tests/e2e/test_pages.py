"""The web pages, as a browser asks for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from suite import Suite

pytestmark = pytest.mark.e2e

PAGES = ["/", "/docs", "/redoc"]
BUNDLE = "/static/vendor/swagger-ui/swagger-ui-bundle.js"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_no_scripts_but_ours(suite: Suite, path: str) -> None:
    answer = suite.rest.get(path)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"].partition("script")[2]


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_is_made_of_is_there(suite: Suite, path: str) -> None:
    named = re.findall(r'(?:src|href|spec-url)="(/[^"]*)"', suite.rest.get(path).text)

    assert named
    assert {name: suite.rest.get(name).status_code for name in named} == dict.fromkeys(named, 200)


def test_the_api_describes_itself(suite: Suite) -> None:
    answer = suite.rest.get("/openapi.json")

    assert answer.headers["content-type"] == "application/json"
    assert "/api/v1/frontal/crop/submit" in answer.json()["paths"]


def test_the_example_of_a_submission_is_drawn_as_it_stands(suite: Suite) -> None:
    operation = suite.rest.get("/openapi.json").json()["paths"]["/api/v1/frontal/crop/render"]
    [example] = operation["post"]["requestBody"]["content"]["application/json"]["examples"].values()

    answer = suite.rest.post("/api/v1/frontal/crop/render", json=example["value"])

    assert answer.headers["content-type"] == "image/svg+xml", answer.text


def test_a_large_file_comes_whole_and_compressed(suite: Suite) -> None:
    answer = suite.rest.get(BUNDLE, headers={"accept-encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert answer.headers["etag"].startswith('W/"')
    assert len(answer.content) > 1_000_000


def test_a_parameter_of_a_page_is_the_pages_own(suite: Suite) -> None:
    assert suite.rest.get("/?preset=qoves5").status_code == 200


@pytest.mark.parametrize(
    "path", ["/static/", "/static/../settings.py", "/static/%2e%2e/settings.py", "/static/no.js"]
)
def test_there_is_nothing_but_what_is_on_the_shelf(suite: Suite, path: str) -> None:
    answer = suite.rest.get(path)

    assert answer.status_code == 404
    assert answer.json()["details"][0]["reason"] == "NOT_FOUND"


@pytest.mark.parametrize("path", ["/nothing", "/docs/deep", "/index.html"])
def test_pages_hide_no_unknown_path(suite: Suite, path: str) -> None:
    answer = suite.rest.get(path)

    assert answer.status_code == 404
    assert answer.json()["message"] == "no method has this path and verb; /docs lists them"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", "no-cache"),
        ("/openapi.json", "no-cache"),
        ("/static/js/main.js", "public, max-age=60"),
        ("/static/samples/hopper.jpg", "public, max-age=86400"),
    ],
)
def test_a_browser_keeps_what_hardly_changes(suite: Suite, path: str, kept: str) -> None:
    assert suite.rest.get(path).headers["cache-control"] == kept
