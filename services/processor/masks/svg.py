"""The SVG document of a drawing.

Nothing from outside is written unescaped: names and titles go through `_text`, colours and
numbers are made here. Coordinates have fixed decimals, never an exponent.
"""

import base64
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.processor.masks import pole
from services.processor.masks.drawing import Points, Region
from services.processor.masks.options import Options
from services.processor.masks.paths import number
from services.processor.masks.regions import Placed
from services.processor.masks.tracing import Chain, path

VERSION = 2
"""The drawing's version: it rises whenever any drawing changes."""

_SEAL = 0.6
"""Width of the stroke in a region's own colour that hides the hairlines which renderers leave
between neighbours; the group's opacity keeps it from showing."""
_DASHES = "6 4"
_LABEL_PART, _LEAST_LABEL, _MOST_LABEL = 0.9, 0.008, 0.026
_LANDMARK_PART = 0.0016
_FONTS = "system-ui,Arial,Helvetica,DejaVu Sans,sans-serif"


@dataclass(frozen=True, eq=False)
class Page:
    """All that is on the page, in drawing pixels; `places` are the decimals of path data."""

    width: int
    height: int
    title: str
    description: str
    regions: Sequence[Placed]
    borders: Sequence[Chain]
    borders_matrix: NDArray[np.float64]
    landmarks: Points
    photo: bytes | None
    id_prefix: str
    places: int


def write(page: Page, options: Options) -> str:
    """Return the document."""
    prefix = page.id_prefix
    size = f'width="{page.width}" height="{page.height}"'
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page.width} {page.height}" '
            f'{size} role="img" aria-labelledby="{prefix}title {prefix}desc" '
            f'data-facesvg-version="{VERSION}">'
        ),
        f'<title id="{prefix}title">{_text(page.title)}</title>',
        f'<desc id="{prefix}desc">{_text(page.description)}</desc>',
    ]
    if page.photo is not None:
        parts.append(
            f'<image id="{prefix}photo" {size} '
            f'href="data:image/jpeg;base64,{base64.b64encode(page.photo).decode()}"/>'
        )
    parts.append(
        f'<g id="{prefix}regions" class="regions" opacity="{number(options.region_opacity)}" '
        f'stroke-width="{_SEAL}" stroke-linejoin="round">'
    )
    parts += [_region(placed) for placed in page.regions]
    parts.append("</g>")
    if options.stroke_width > 0:
        parts.append(_outlines(page, options))
    if options.show_landmarks:
        parts.append(_landmarks(page))
    if options.show_labels:
        parts.append(_labels(page))
    parts.append("</svg>\n")
    return "\n".join(parts)


def _region(placed: Placed) -> str:
    region = placed.region
    classes = f"region {_class(region.name)} {region.side}"
    data = [f'data-region="{_text(region.name)}"', f'data-number="{region.id}"']
    if region.label is not None:
        data.append(f'data-label="{region.label}"')
    data += [
        f'data-side="{region.side}"',
        f'data-source="{region.source}"',
        f'data-area="{number(region.area)}"',
    ]
    if region.extrapolated:
        data.append('data-extrapolated="true"')
    return (
        f'<path id="{region.element_id}" class="{classes}" {" ".join(data)} '
        f'fill="{region.color}" stroke="{region.color}" '
        f'd="{placed.path}">'
        f"<title>{_text(title(region))}</title></path>"
    )


def title(region: Region) -> str:
    """Return what a reader calls a region: "Right cheek"."""
    words = region.name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _outlines(page: Page, options: Options) -> str:
    """Return every border once, so that dashes do not run into one another."""
    paths = []
    for closed in (False, True):
        chains = [chain for chain in page.borders if chain.closed is closed]
        if chains:
            data = path.write(chains, matrix=page.borders_matrix, decimals=page.places)
            paths.append(f'<path vector-effect="non-scaling-stroke" d="{data}"/>')
    return (
        f'<g id="{page.id_prefix}outlines" class="outlines" fill="none" stroke="#fff" '
        f'stroke-width="{number(options.stroke_width)}" stroke-dasharray="{_DASHES}" '
        f'stroke-linejoin="round">{"".join(paths)}</g>'
    )


def _landmarks(page: Page) -> str:
    radius = number(max(0.6, _LANDMARK_PART * max(page.width, page.height)))
    dots = "".join(
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{radius}"/>'
        for x, y in page.landmarks.tolist()
    )
    return f'<g id="{page.id_prefix}landmarks" class="landmarks" fill="#111827">{dots}</g>'


def _labels(page: Page) -> str:
    """Return each region's number where the region has most room."""
    size = max(page.width, page.height)
    texts = []
    for placed in page.regions:
        x, y, room = pole.find(
            [ring.points for ring in placed.region.rings], (page.width, page.height)
        )
        height = min(max(room * _LABEL_PART, size * _LEAST_LABEL), size * _MOST_LABEL)
        texts.append(
            f'<text x="{number(x)}" y="{number(y)}" dy=".35em" font-size="{number(height)}" '
            f'stroke-width="{number(height / 5)}">{placed.region.id}</text>'
        )
    return (
        f'<g id="{page.id_prefix}labels" class="labels" font-family="{_FONTS}" '
        'font-weight="600" text-anchor="middle" fill="#1f2937" stroke="#fff" '
        f'stroke-linejoin="round" paint-order="stroke">{"".join(texts)}</g>'
    )


def _class(name: str) -> str:
    """Return the kind of region as a class name: "cheek" of "right_cheek"."""
    kind = name.removeprefix("right_").removeprefix("left_")
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in kind)


_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that XML 1.0 does not allow (section 2.2)."""


def _text(value: str) -> str:
    """Return `value` for content or a quoted attribute; what XML cannot hold becomes U+FFFD."""
    return html.escape(_NO_XML.sub("\ufffd", value)).replace("&#x27;", "&#39;")
