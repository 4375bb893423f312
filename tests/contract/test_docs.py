"""What the documentation names is there: files, headings, commands, routes and their errors."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from facesvg.v1 import gateway_pb2

ROOT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split()
PAGES = sorted(ROOT / name for name in TRACKED)

FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)|(?:href|src|srcset)=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
ANCHOR = re.compile(r"<a (?:id|name)=\"([^\"]+)\"")
MAKE = re.compile(r"(?<![\w/.-])make (?:[A-Z_]+=\S+ )*([a-z][a-z0-9-]*)")
TARGET = re.compile(r"^([a-z][a-z0-9 -]*):(?!=)", re.MULTILINE)
PROSE = {"it", "them", "sure"}
"""What may follow the verb in a sentence."""

API = (ROOT / "docs/api.md").read_text()
DOCUMENT: dict[str, Any] = json.loads((ROOT / "protos/gen/python/facesvg/openapi.json").read_text())
ROUTES = {
    f"{verb.upper()} {path}": operation
    for path, verbs in DOCUMENT["paths"].items()
    for verb, operation in verbs.items()
}
REASON = re.compile(r"`([A-Z][A-Z_]{3,})`")


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = FENCE.sub("", page.read_text())
    found: set[str] = {*ANCHOR.findall(text)}
    for name in map(slug, HEADING.findall(text)):
        number = sum(1 for other in found if re.fullmatch(rf"{re.escape(name)}(-\d+)?", other))
        found.add(f"{name}-{number}" if number else name)
    return found


def sections(page: str) -> dict[str, str]:
    """Return what stands below each heading, up to the next."""
    _, *parts = re.split(r"^#{1,3} (.+)$", FENCE.sub("", page), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def reasons(operation: dict[str, Any]) -> set[str]:
    return {
        name
        for code, answer in operation["responses"].items()
        if code != "200"
        for name in answer["content"]["application/json"]["examples"]
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for target in (one or other for one, other in LINK.findall(CODE.sub("", clean(page)))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(target)

    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_in_the_makefile(page: Path) -> None:
    makefiles = "".join(
        (ROOT / name).read_text() for name in ("Makefile", "deploy/compose/verbs.mk")
    )
    targets = {name for names in TARGET.findall(makefiles) for name in names.split()}
    code = "\n".join(CODE.findall(clean(page)) + FENCE.findall(page.read_text()) + indented(page))

    assert {*MAKE.findall(code)} - targets - PROSE == set()


def clean(page: Path) -> str:
    return FENCE.sub("", page.read_text())


def indented(page: Path) -> list[str]:
    return re.findall(r"^ {4}.+$", clean(page), re.MULTILINE)


def test_an_anchor_is_the_heading_as_github_has_it() -> None:
    assert slug("GET /api/v1/frontal/crop/status/{task_id}") == "get-apiv1frontalcropstatustask_id"
    assert slug("Colours of `make logs`: none") == "colours-of-make-logs-none"


def test_every_route_has_its_section_and_none_is_made_up() -> None:
    told = {heading for heading in sections(API) if re.match(r"(GET|POST|DELETE) ", heading)}

    assert told == set(ROUTES)


def test_every_method_is_named() -> None:
    service = gateway_pb2.DESCRIPTOR.services_by_name["GatewayService"]

    assert {method.name for method in service.methods if f"`{method.name}`" not in API} == set()


@pytest.mark.parametrize("route", ROUTES)
def test_every_error_of_a_route_is_told(route: str) -> None:
    parts = sections(API)
    common, told = {*REASON.findall(parts["Errors"])}, {*REASON.findall(parts[route])}
    wanted = reasons(ROUTES[route]) - common
    if "Errors: those of `submit`" in parts[route]:
        told |= wanted & {*REASON.findall(parts["POST /api/v1/frontal/crop/submit"])}
    known = {name for operation in ROUTES.values() for name in reasons(operation)}

    assert told & known - common == wanted, f"docs/api.md, {route}"


KEPT = re.compile(r"^\| (`.+?) \| (?:same|changed|new) \|", re.MULTILINE)
MIGRATING = sections((ROOT / "docs/migrating.md").read_text())


def kept(section: str) -> set[str]:
    """Return what a table of `docs/migrating.md` says is still there."""
    return {
        name for names in KEPT.findall(MIGRATING[section]) for name in re.findall("`(.+?)`", names)
    }


def test_variables_that_are_kept_can_be_set() -> None:
    listed = re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert len(kept("Variables")) > 10
    assert kept("Variables") - {*listed} == set()


def test_metrics_that_are_kept_are_counted() -> None:
    counted = "".join(path.read_text() for path in (ROOT / "services").glob("*/metrics.py"))

    assert len(kept("Metrics")) > 10
    assert {name for name in kept("Metrics") if f'"{name}"' not in counted} == set()


def test_routes_that_are_kept_are_answered() -> None:
    paths = {path for names in kept("Routes") for path in re.findall(r"/\S*", names)}

    assert len(paths) > 10
    assert paths - {*DOCUMENT["paths"]} == {"/", "/docs", "/redoc", "/openapi.json"}
