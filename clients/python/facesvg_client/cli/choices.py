"""The drawing options as options of the command; kinds, bounds and defaults are the contract's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from google.protobuf.descriptor import FieldDescriptor

from facesvg.v1 import options_pb2
from facesvg_client.cli import sections
from facesvg_client.options import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

HELP = {
    "preset": "Which set of regions is drawn; see `facesvg regions`.",
    "regions": "Only these of the preset's regions, with commas.",
    "scheme": "The scheme of the landmarks; auto decides by their number.",
    "units": "The unit of the landmarks; auto decides by their range.",
    "face_index": "Which face to draw where the landmarks hold several.",
    "label_scheme": "What the map's labels mean; auto decides by those present.",
    "label_table": "The meaning of labels or colours: value=name or #rrggbb=name, with commas.",
    "trace": "How outlines follow the map's pixels.",
    "min_area": "The least area of an island in pixels of the map.",
    "show_landmarks": "Draw each landmark as a dot.",
    "show_labels": "Give each region its number.",
    "region_opacity": "The opacity of the regions.",
    "stroke_width": "The width of the dashed outlines in pixels of the screen.",
    "embed_image": "Put the photo below the regions.",
    "upright": "Turn the drawing so that the eyes are level.",
    "crop": "What part of the photo is kept.",
    "crop_margin": "The margin around a cropped face, of its larger side.",
    "theme": "The colours of the regions.",
    "colors": "Colours of single regions, name=#rrggbb, with commas.",
    "id_prefix": "What every id in the drawing begins with.",
    "lossy_map": "Accept a map that was compressed with loss.",
    "ignore_exif": "Ignore the photo's EXIF orientation.",
    "similarity": "Accept the drawing of a photo that looks the same: bits that may differ.",
    "callback_url": "A URL that the service tells, too, once the drawing is done.",
}


def with_choices(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the drawing options."""
    for name in reversed(HELP):
        command = option(FIELDS[name])(command)
    return command


def option(field: FieldDescriptor) -> Callable[..., Any]:
    """Return the option of one field."""
    rule = field.GetOptions().Extensions[options_pb2.rule]
    dashed = field.name.replace("_", "-")
    text = HELP[field.name]
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return click.option(
            f"--{dashed}", cls=sections.Drawing, is_flag=True, default=None, help=text
        )
    kind: click.ParamType[Any] = click.STRING
    if rule.one_of:
        kind = click.Choice(list(rule.one_of))
    elif field.cpp_type == FieldDescriptor.CPPTYPE_UINT32:
        kind = click.IntRange(int(rule.minimum), int(rule.maximum))
    elif field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
        kind = click.FloatRange(rule.minimum, rule.maximum)
    if rule.default_value:
        text = f"{text}  [default: {rule.default_value}]"
    return click.option(f"--{dashed}", cls=sections.Drawing, type=kind, help=text)
