"""The steps of a drawing, in order: the architecture as a list."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from services.processor.masks import (
    checking,
    custom,
    hairline,
    options,
    paths,
    pose,
    regions,
    shapes,
    svg,
)
from services.processor.masks.atlas import presets
from services.processor.masks.errors import DrawingTooLarge
from services.processor.masks.labels import read as labels
from services.processor.masks.labels import schemes
from services.processor.masks.labels.agreement import agreement
from services.processor.masks.landmarks import face as faces
from services.processor.masks.photo import header, pixels
from services.processor.masks.sketch import Sketch
from services.processor.masks.tracing.geometry import mapped

Step = Callable[[Sketch], Sketch]

LEAST_AGREEMENT = 0.5
"""Overlap (IoU) of nose and eyes below which a map is taken for that of another photo. A map that
belongs reaches 0.8; the same map laid on without scaling it 0.3."""


def read_photo(sketch: Sketch) -> Sketch:
    """Read the photo's header; its pixels only matter where they are embedded."""
    options.validate(sketch.options)
    inputs, ignore_exif = sketch.inputs, sketch.options.ignore_exif
    found = inputs.photo or header.read(
        inputs.image, sketch.limits, part="image", ignore_exif=ignore_exif
    )
    return sketch.knowing(header=found)


def read_landmarks(sketch: Sketch) -> Sketch:
    """Read the face, and check what is asked of it."""
    face = faces.read(sketch.inputs.landmarks, sketch.size, sketch.options, sketch.limits)
    checking.check_map(sketch.inputs.segmentation_map, face, sketch.options, sketch.limits)
    return sketch.knowing(face=face, warnings=face.warnings)


def read_map(sketch: Sketch) -> Sketch:
    """Read the label map, if there is one, and compare it with the landmarks."""
    data = sketch.inputs.segmentation_map
    if data is None or custom.is_object(data):
        return sketch
    found = labels.read(data, sketch.face, sketch.size, sketch.options, sketch.limits)
    overlap = agreement(found, sketch.face, sketch.size)
    known = sketch.knowing(label_map=found, warnings=found.warnings)
    if overlap is None or overlap >= LEAST_AGREEMENT:
        return known
    warning = (
        "the segmentation map does not belong to the landmarks: nose and eyes overlap by "
        f"{overlap:.2f}, expected at least {LEAST_AGREEMENT}"
    )
    if sketch.options.preset != "map":
        return known.knowing(label_map=None, warnings=[f"{warning}; the map was left aside"])
    return known.knowing(warnings=[warning])


def lay_out(sketch: Sketch) -> Sketch:
    """Choose the regions: the preset's, the map's, or the caller's own."""
    data, face, preset = sketch.inputs.segmentation_map, sketch.face, sketch.options.preset
    if data is not None and custom.is_object(data):
        layout = custom.read(data, face)
        return sketch.knowing(layout=layout, preset="custom", sides=custom.sides(layout, face))
    if preset == "map" and sketch.label_map is not None:
        names = sketch.label_map.names.values()
        sides = {name: presets.side(schemes.meaning(name), "map") for name in names}
        return sketch.knowing(preset="map", sides=sides)
    chosen = presets.fallback(preset, face)
    layout = presets.layout(chosen, face, has_map=sketch.label_map is not None)
    warnings = []
    if chosen != preset:
        warnings.append(
            f"preset {preset} needs MediaPipe landmarks, found {face.scheme.name}: "
            f"drawn as {chosen}"
        )
    sides = {name: presets.side(name, chosen) for name in layout.rings}
    return sketch.knowing(layout=layout, preset=chosen, sides=sides, warnings=warnings)


def outline(sketch: Sketch) -> Sketch:
    """Draw the outlines: from landmarks, from the map, or from both composed."""
    found, layout, chosen = sketch.label_map, sketch.layout, sketch.options
    if layout is None:
        assert found is not None
        drawn = shapes.of_map(found, sketch.size, chosen, sketch.limits)
    elif found is None:
        drawn = shapes.of_layout(layout, chosen)
    else:
        drawn = shapes.of_layout_and_map(layout, found, sketch.size, chosen, sketch.limits)
    if chosen.regions:
        known = tuple(shape.name for shape in drawn.shapes)
        checking.require(
            chosen.regions, known if layout is None else tuple(layout.rings), sketch.preset
        )
        drawn = drawn.only(chosen.regions)
    if layout is None and not drawn.shapes:
        drawn = replace(drawn, warnings=(*drawn.warnings, "the segmentation map is all background"))
    missing = [
        f"{name} is not to be seen in the segmentation map: left out" for name in drawn.missing
    ]
    return sketch.knowing(shapes=drawn, warnings=[*drawn.warnings, *missing])


def place(sketch: Sketch) -> Sketch:
    """Turn and crop; number, measure and colour the regions."""
    face = sketch.face
    is_mesh = face.scheme.name.startswith("mediapipe")
    reach = hairline.raised(face.points) if is_mesh else face.points
    found = pose.find(face, sketch.size, sketch.options, reach)
    prefix = sketch.options.id_prefix or _prefix(sketch)
    places = paths.decimals(found.width, found.height, is_smooth=sketch.options.trace == "smooth")
    placed, warnings = regions.place(
        sketch.shapes, found.matrix, sketch.options, sketch.sides, prefix, places=places
    )
    points = sum(len(ring.points) for one in placed for ring in one.region.rings)
    _limit(points, sketch.limits.max_points, "corners")
    return sketch.knowing(
        pose=found,
        id_prefix=prefix,
        places=places,
        regions=placed,
        landmarks=mapped(face.points, found.matrix),
        warnings=warnings,
    )


def embed_photo(sketch: Sketch) -> Sketch:
    """Decode the photo and put it into the drawing's pose, if it is to be embedded."""
    if not sketch.options.needs_pixels:
        return sketch
    return sketch.knowing(photo=pixels.embedded(sketch.inputs.image, sketch.header, sketch.pose))


def write(sketch: Sketch) -> Sketch:
    """Write the document."""
    count = len(sketch.regions)
    page = svg.Page(
        width=sketch.pose.width,
        height=sketch.pose.height,
        title="Regions of a face",
        description=f"{count} {'region' if count == 1 else 'regions'} of a face "
        f"({sketch.preset}). Sides are the subject's.",
        regions=sketch.regions,
        borders=[chain for chain, _ in sketch.shapes.borders],
        borders_matrix=pose.after(sketch.pose.matrix, sketch.shapes.matrix),
        landmarks=np.round(sketch.landmarks, 2),
        photo=sketch.photo,
        id_prefix=sketch.id_prefix,
        places=sketch.places,
    )
    document = svg.write(page, sketch.options)
    _limit(len(document), sketch.limits.max_svg_bytes, "bytes")
    return sketch.knowing(svg=document)


STEPS: Sequence[Step] = (
    read_photo,  # the header alone
    read_landmarks,  # one face, in pixels
    read_map,  # labels, and whether they belong to the face
    lay_out,  # which regions
    outline,  # as lines and curves, neighbours sharing them
    place,  # upright and cropped as asked; numbers, measures, colours
    embed_photo,  # the one step that decodes the photo
    write,  # the SVG
)


def _prefix(sketch: Sketch) -> str:
    """Return a prefix that equal inputs and options share and others hardly ever do."""
    digest = hashlib.blake2b(digest_size=4)
    for part in (
        sketch.inputs.landmarks,
        sketch.inputs.segmentation_map or b"",
        f"{sketch.header} {sketch.options}".encode(),
    ):
        digest.update(len(part).to_bytes(8, "big") + part)
    return f"f{digest.hexdigest()}-"


def _limit(found: int, limit: int, what: str) -> None:
    if found > limit:
        raise DrawingTooLarge(
            f"the drawing has {found} {what}: expected at most {limit}; choose a coarser trace, a "
            "greater min_area, or leave the photo out",
            **{"found": found, f"limit_{what}": limit},
        )
