"""A photo on its way to its worker, through a real cache: only where its pixels are needed."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc
import pytest
from faces import face
from integration.cache.house import House

from facesvg.v1 import cache_pb2, mask_pb2, processor_pb2, upload_pb2
from services.processor import masks
from services.processor.intake import Intake
from services.processor.leases import CacheTasks
from services.processor.peers import CacheStore
from services.processor.servicer import submission_of
from services.runtime import channels, uploads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.runtime.context import Origin

pytestmark = pytest.mark.integration

HOPPER = face("hopper")
PARTS = {
    upload_pb2.PART_LANDMARKS: HOPPER.landmarks,
    upload_pb2.PART_SEGMENTATION_MAP: HOPPER.label_map,
    upload_pb2.PART_IMAGE: HOPPER.photo,
}
LIMITS = dict.fromkeys(PARTS, 1 << 24)

STORED = """
SELECT unnest(input_parts) FROM task_results WHERE task_id = %s
UNION ALL SELECT part FROM task_inputs WHERE task_id = %s
"""


class Nowhere:
    """A queue that takes all."""

    async def put(self, task_id: str, origin: Origin | None = None) -> None:
        del task_id, origin


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Return a real cache."""
    with House(database_url) as running:
        yield running


def accepted(house: House, options: mask_pb2.DrawOptions, *, keeps_all: bool = False) -> str:
    """Return the task of a photo that was accepted."""
    upload = uploads.spooled(PARTS, LIMITS)  # type: ignore[arg-type] # parts are numbers
    digests = {part: spool.digest for part, spool in upload.parts.items()}
    key = cache_pb2.TaskKey(
        options=options,
        image_sha256=digests[upload_pb2.PART_IMAGE],
        landmarks_sha256=digests[upload_pb2.PART_LANDMARKS],
        segmentation_map_sha256=digests[upload_pb2.PART_SEGMENTATION_MAP],
    )
    whole = uploads.Upload(processor_pb2.SubmitTaskHeader(key=key), upload.parts)

    async def accept() -> str:
        async with channels.open_channel(f"127.0.0.1:{house.port}") as channel:
            store = CacheStore(channel, keeps_all=keeps_all)
            begun = await Intake(store, Nowhere(), masks.Limits()).accept(submission_of(whole))
            task_id: str = begun.task.task_id
            return task_id

    try:
        return asyncio.run(accept())
    finally:
        upload.close()


def stored(house: House, task_id: str) -> set[int]:
    """Return the parts of a task that Postgres has."""
    return {part for (part,) in house.sql(STORED, task_id, task_id)}


def drawn(house: House, task_id: str) -> masks.Drawing:
    """Return what a worker draws of a task."""
    with grpc.insecure_channel(f"127.0.0.1:{house.port}") as channel:
        tasks = CacheTasks(channel, timedelta(seconds=60), threading.Event())
        with tasks.lease(task_id) as lease:
            assert lease is not None
            return masks.draw(lease.job.inputs, lease.job.options)


def test_a_photo_whose_pixels_are_not_needed_stays_behind(house: House) -> None:
    task_id = accepted(house, mask_pb2.DrawOptions(preset="features"))

    assert stored(house, task_id) == set(PARTS) - {upload_pb2.PART_IMAGE}
    held = house.stub.GetStats(cache_pb2.GetStatsRequest()).stats.size_mb * 1024 * 1024
    assert held == len(HOPPER.landmarks) + len(HOPPER.label_map)


def test_the_drawing_is_the_same_as_with_the_photo(house: House) -> None:
    without, kept = (
        accepted(house, mask_pb2.DrawOptions(upright=upright), keeps_all=upright)
        for upright in (False, True)
    )
    apart = accepted(house, mask_pb2.DrawOptions(upright=True, crop="face"))

    assert stored(house, kept) == set(PARTS)
    assert {part for id_ in (without, apart) for part in stored(house, id_)} == set(PARTS) - {
        upload_pb2.PART_IMAGE
    }
    for task_id, chosen in (
        (without, masks.Options()),
        (kept, masks.Options(upright=True)),
        (apart, masks.Options(upright=True, crop="face")),
    ):
        assert drawn(house, task_id).svg == masks.draw(inputs(), chosen).svg


def test_a_photo_that_is_embedded_comes_along(house: House) -> None:
    task_id = accepted(house, mask_pb2.DrawOptions(embed_image=True))

    assert stored(house, task_id) == set(PARTS)
    expected = masks.draw(inputs(), masks.Options(embed_image=True))
    assert drawn(house, task_id).svg == expected.svg


def test_a_task_that_comes_back_is_drawn_from_what_is_known(house: House) -> None:
    task_id = accepted(house, mask_pb2.DrawOptions())
    first = drawn(house, task_id)
    house.sql("UPDATE task_results SET lease_until = now() WHERE task_id = %s", task_id)

    assert drawn(house, task_id).svg == first.svg


def inputs() -> masks.Inputs:
    """Return the whole photo and what comes with it."""
    upload = uploads.spooled(PARTS, LIMITS)  # type: ignore[arg-type] # parts are numbers
    return masks.Inputs(
        upload.parts[upload_pb2.PART_IMAGE].file, HOPPER.landmarks, HOPPER.label_map
    )
