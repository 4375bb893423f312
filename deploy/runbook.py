"""Makes the runbook a page of the gateway's, so that alerts have somewhere to lead: `make runbook`.

It is a part of docs/operations.md, with the headings' anchors that Markdown has elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from deploy.local.layout import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

SOURCE = REPOSITORY / "docs" / "operations.md"
PAGE = REPOSITORY / "services" / "gateway" / "static" / "runbook.html"
PART = re.compile(r"^## Runbook\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)

FRAME = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>facesvg · runbook</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/style.css">
<link rel="stylesheet" href="/static/runbook.css">
</head>
<body>
<main class="runbook">
<h1>Runbook</h1>
{contents}
{body}</main>
</body>
</html>
"""


def page() -> str:
    """Return the page, out of the documentation as it is."""
    found = PART.search(SOURCE.read_text())
    if found is None:
        raise SystemExit(f"{SOURCE} has no part called Runbook")
    reader = MarkdownIt("commonmark")
    tokens = reader.parse(found[1])
    links = []
    for opening, inline in headings(tokens):
        opening.attrSet("id", anchor(inline.content))
        links.append(f'<li><a href="#{anchor(inline.content)}">{inline.content}</a></li>')
    contents = "<ul>\n" + "\n".join(links) + "\n</ul>"
    return FRAME.format(contents=contents, body=reader.renderer.render(tokens, reader.options, {}))


def headings(tokens: Sequence[Token]) -> Sequence[tuple[Token, Token]]:
    """Return what opens each heading, and its text."""
    return [
        (token, tokens[number + 1])
        for number, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def anchor(heading: str) -> str:
    """Return what leads to a heading.

    >>> anchor("Queue is growing")
    'queue-is-growing'
    """
    return heading.lower().replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page())
