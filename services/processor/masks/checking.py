"""Checking: whether inputs can be drawn, found out without decoding a pixel."""

from services.processor.masks import custom, options
from services.processor.masks.atlas import presets
from services.processor.masks.errors import InvalidOption, UnknownRegion
from services.processor.masks.inputs import Facts, Inputs, Limits
from services.processor.masks.labels import decode, schemes
from services.processor.masks.landmarks import face as faces
from services.processor.masks.landmarks.face import Face
from services.processor.masks.options import Options
from services.processor.masks.photo import header

_DEFAULT = Limits()


def check(inputs: Inputs, chosen: Options, limits: Limits = _DEFAULT) -> Facts:
    """Return what is known of `inputs`, all of which could be checked cheaply.

    Reads the photo's header and end where they are not known, all landmarks, and of the
    segmentation map the header (all of it where it is JSON).

    Raises:
        MaskError: the first thing that is wrong, in the order options, photo, landmarks, map,
            regions.
    """
    options.validate(chosen)
    photo = inputs.photo
    if photo is None:
        photo = header.read(inputs.image, limits, part="image", ignore_exif=chosen.ignore_exif)
    header.check(photo, limits, part="image")
    face = faces.read(inputs.landmarks, (photo.width, photo.height), chosen, limits)
    check_map(inputs.segmentation_map, face, chosen, limits)
    return Facts(
        image_width=photo.width,
        image_height=photo.height,
        image_format=photo.format,
        landmarks_count=len(face.points),
        scheme=face.scheme.name,
        units=face.units,
        photo=photo,
    )


def check_map(data: bytes | None, face: Face, chosen: Options, limits: Limits) -> None:
    """Raise what is wrong with a map as far as its header tells, or with the regions asked for."""
    if chosen.label_scheme == "custom" and not chosen.label_table:
        raise InvalidOption(
            "label_scheme is custom and label_table is empty: expected value=name or #rrggbb=name",
            option="label_table",
            value="",
        )
    schemes.table(chosen.label_table)
    if data is not None and custom.is_object(data):
        layout = custom.read(data, face)
        require(chosen.regions, tuple(layout.rings), "segmentation_map")
        return
    if data is not None:
        decode.check(data, limits, is_lossy_allowed=chosen.lossy_map)
    if chosen.preset == "map":
        if data is None:
            raise InvalidOption(
                "preset is 'map' and there is no segmentation map: send one, or choose another",
                option="preset",
                value="map",
            )
        return
    preset = presets.fallback(chosen.preset, face)
    known = tuple(presets.layout(preset, face, has_map=data is not None).rings)
    require(chosen.regions, known, preset)


def require(wanted: tuple[str, ...], known: tuple[str, ...], preset: str) -> None:
    """Raise `UnknownRegion` for the first region wanted that is not known."""
    for name in wanted:
        if name not in known:
            expected = ", ".join(known)
            raise UnknownRegion(
                f"{preset} has no region {name!r}: expected {expected}",
                region=name,
                preset=preset,
                expected=expected,
            )
