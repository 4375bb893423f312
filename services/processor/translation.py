"""Between the contract's messages and the mask library's values."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from facesvg.v1 import cache_pb2
from facesvg.v1 import mask_pb2 as pb
from services.processor import masks, wire
from services.runtime import options as rules

if TYPE_CHECKING:
    from services.processor.masks.likeness import Likeness


def options_from_proto(options: pb.DrawOptions) -> masks.Options:
    """Return the options with every default filled in; raises `InvalidOption`."""
    return masks.Options(**rules.filled(rules.normal(options)))


def likeness_to_proto(likeness: Likeness) -> cache_pb2.Likeness:
    """Return what a photo looks like."""
    return cache_pb2.Likeness(
        perceptual_hash=likeness.perceptual_hash, landmarks=likeness.landmarks
    )


def photo_to_proto(photo: masks.Header) -> cache_pb2.PhotoHeader:
    """Return what is known of a photo."""
    return cache_pb2.PhotoHeader(**asdict(photo))


def photo_from_proto(photo: cache_pb2.PhotoHeader) -> masks.Header:
    """Return what is known of a photo."""
    return masks.Header(
        **{field.name: getattr(photo, field.name) for field in fields(masks.Header)}
    )


def drawing_to_proto(drawing: masks.Drawing, message: pb.Drawing) -> None:
    """Write a drawing but its SVG, which travels in chunks, into an empty message.

    Its many points are slow to copy, so every message is made where it stays.
    """
    few = pb.Drawing(
        regions_detected=len(drawing.regions),
        warnings=drawing.warnings,
        width=drawing.width,
        height=drawing.height,
        image_width=drawing.image_width,
        image_height=drawing.image_height,
        landmarks_count=drawing.landmarks_count,
        transform=drawing.transform,
        scheme=drawing.scheme,
        units=drawing.units,
        label_scheme=drawing.label_scheme,
    )
    message.MergeFrom(few)
    for number, points in drawing.contours.items():
        message.mask_contours[str(number)].MergeFromString(wire.pairs(points))
    for region in drawing.regions:
        region_to_proto(region, message.regions.add())


def region_to_proto(region: masks.Region, message: pb.Region) -> None:
    """Write one region into an empty message."""
    x, y = region.centroid
    left, top, width, height = region.bbox
    few = pb.Region(
        id=region.id,
        name=region.name,
        label=region.label,
        side=region.side,
        viewer_side=region.viewer_side,
        source=region.source,
        extrapolated=region.extrapolated,
        bbox=pb.Box(x=left, y=top, width=width, height=height),
        area=region.area,
        centroid=pb.Point(x=x, y=y),
        color=region.color,
        element_id=region.element_id,
    )
    message.MergeFrom(few)
    for ring in region.rings:
        written = message.rings.add()
        written.MergeFromString(wire.ring(ring.points))
        written.hole = ring.hole
