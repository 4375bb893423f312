"""`facesvg draw`: one photo, or many."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from facesvg_client.cli import batch, pairs, printing
from facesvg_client.cli.choices import with_choices
from facesvg_client.cli.door import Door, with_door
from facesvg_client.cli.exits import Exit
from facesvg_client.cli.sections import Option, Sectioned
from facesvg_client.cli.single import draw_one

JOBS = 4


@click.command(
    cls=Sectioned,
    epilog="Several photos, or a folder: landmarks are NAME.landmarks.json, NAME.json, NAME.pts or "
    "NAME.csv and maps NAME.map.png, beside each photo or in the folders that -l and -m name. "
    "Drawings that are newer than their parts are left as they are, so a batch that was "
    "interrupted goes on where it was; --force draws all anew.",
    no_args_is_help=True,
)
@click.argument("photos", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "-l",
    "--landmarks",
    type=click.Path(exists=True, path_type=Path),
    help="The landmarks, or a folder of them.  [default: beside the photo]",
)
@click.option(
    "-m",
    "--map",
    "segmentation_map",
    type=click.Path(exists=True, path_type=Path),
    help="The segmentation map, or a folder of them.  [default: beside the photo, if there]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    help="The SVG, - for stdout, or a folder.  [default: beside the photo]",
)
@click.option(
    "-j",
    "--jobs",
    cls=Option,
    type=click.IntRange(1, 64),
    default=JOBS,
    show_default=True,
    help="Photos under way at once.",
)
@click.option("--force", is_flag=True, help="Draw also what is drawn already.")
@with_choices
@with_door
def draw(  # noqa: PLR0913 - what the command takes
    door: Door,
    *,
    photos: tuple[Path, ...],
    landmarks: Path | None,
    segmentation_map: Path | None,
    output: Path | None,
    jobs: int,
    force: bool,
    **chosen: Any,
) -> None:
    """Draw the regions of a face, or of many.

    PHOTOS are files or folders.
    """
    options = {name: value for name, value in chosen.items() if value is not None}
    is_batch = len(photos) > 1 or photos[0].is_dir()
    if not is_batch:
        with door.client() as client:
            draw_one(client, paired(photos[0], landmarks, segmentation_map, output), options, door)
        return
    if any(place and not place.is_dir() for place in (landmarks, segmentation_map)):
        raise click.UsageError("several photos: -l and -m name folders")
    if output and output.exists() and not output.is_dir():
        raise click.UsageError(f"several photos: -o names a folder, and {output} is none")
    found = list(pairs.photos(photos))
    if not found:
        raise click.UsageError(f"there are no photos ({', '.join(pairs.PHOTOS)}) to draw")
    if output:
        output.mkdir(parents=True, exist_ok=True)
    with door.client() as client:
        work = batch.Batch(client, options, jobs=jobs, force=force, as_json=door.as_json)
        for photo in found:
            work.take(photo, landmarks, segmentation_map, output)
        work.run()
    if not door.as_json:
        work.summarize()
    if work.failures:
        sys.exit(Exit.FAILED)


def paired(
    photo: Path, landmarks: Path | None, segmentation_map: Path | None, output: Path | None
) -> pairs.Pair:
    """Return one photo with its parts and the place of its drawing."""
    into = output if output and output.is_dir() else None
    try:
        found = pairs.pair(photo, landmarks, segmentation_map, into)
    except pairs.NotPaired as error:
        printing.notes.print(f"facesvg: {error}; name them with -l", soft_wrap=True)
        sys.exit(Exit.USAGE)
    if output and not into:
        return pairs.Pair(found.photo, found.landmarks, found.segmentation_map, output)
    return found
