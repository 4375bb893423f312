"""The tables of `docs/regions.md`, written between marks that the page has for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploy.pictures import origins
from services.processor.masks import presets
from services.processor.masks.atlas.presets import SETS
from services.processor.masks.atlas.zones27 import FEATURES
from services.processor.masks.labels.palettes import PALETTES
from services.processor.masks.labels.schemes import SCHEMES as LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.processor.masks import Preset

PLACE = re.compile(r"(<!-- table: (\w+) (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SCHEMES = {
    "mediapipe478": "MediaPipe Face Mesh, 478 or 468",
    "wflw98": "WFLW, 98",
    "ibug68": "iBUG, 68",
}
"""Columns of the tables of landmarks: 468 are 478 without irises."""
MAPS = {"lapa11": "LaPa", "bisenet19": "BiSeNet", "celebamask19": "CelebAMask-HQ"}


def filled(page: str) -> str:
    """Return the page with every table as the code has it now."""
    catalogue = {preset.name: preset for preset in presets()}

    def table(match: re.Match[str]) -> str:
        kind, preset = match[3], catalogue[match[2]]
        made = of_landmarks(preset) if kind == "landmarks" else of_regions(preset)
        return f"{match[1]}\n{made}\n{match[4]}"

    return PLACE.sub(table, page)


def of_regions(preset: Preset) -> str:
    """Return the table of a preset's regions, numbered as a drawing numbers them."""
    if preset.name == "map":
        return _table(
            ["region", "side", "colour", *MAPS.values(), "painted"],
            [
                [f"`{one.name}`", one.side, f"`{one.color}`", *_labels(one.name), _paint(one.name)]
                for one in preset.regions
            ],
        )
    layers = origins.layers(preset.name)
    follows = FEATURES if preset.name != "qoves5" else ()
    return _table(
        ["no.", "region", "side", "layer", "colour", *(MAPS.values() if follows else ())],
        [
            [
                str(number),
                f"`{one.name}`",
                one.side,
                str(layers[one.name]),
                f"`{one.color}`",
                *(_labels(one.name) if one.name in follows else [""] * len(MAPS) * bool(follows)),
            ]
            for number, one in enumerate(preset.regions, 1)
        ],
    )


def of_landmarks(preset: Preset) -> str:
    """Return the table of the landmarks that each region of a preset is made of."""
    taken = [scheme for scheme in SCHEMES if scheme in SETS[preset.name].schemes]
    made = [origins.landmarks(preset.name, scheme) for scheme in taken]
    rows = [
        [f"`{region.name}`", *(runs(rings.get(region.name, ())) for rings in made)]
        for region in preset.regions
    ]
    return _table(["region", *(SCHEMES[scheme] for scheme in taken)], rows)


def runs(numbers: Sequence[int]) -> str:
    """Return numbers in their order, neighbours as ranges.

    >>> runs([16, 15, 14, 13, 42, 7, 8])
    '16 to 13, 42, 7, 8'
    """
    parts: list[list[int]] = []
    for number in numbers:
        run = parts[-1] if parts else []
        step = number - run[-1] if run else 0
        if abs(step) == 1 and (len(run) == 1 or step == run[-1] - run[-2]):
            run.append(number)
        else:
            parts.append([number])
    least = 3
    return ", ".join(
        f"{run[0]} to {run[-1]}" if len(run) >= least else ", ".join(map(str, run)) for run in parts
    )


def _labels(name: str) -> list[str]:
    """Return the number that each scheme of label maps has for a region."""
    orders = [LABELS[scheme] for scheme in MAPS]
    return [str(order.index(name)) if name in order else "" for order in orders]


def _paint(name: str) -> str:
    """Return the colour that CelebAMask-HQ paints a label in."""
    red, green, blue = PALETTES["celebamask"][LABELS["celebamask19"].index(name)]
    return f"`#{red:02x}{green:02x}{blue:02x}`"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cell or ' ' for cell in line)} |" for line in lines) + "\n"
