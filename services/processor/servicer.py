"""The gRPC face of the processor."""

from __future__ import annotations

import io
from contextlib import closing
from typing import TYPE_CHECKING, Any

from facesvg.v1 import mask_pb2, upload_pb2
from facesvg.v1 import processor_pb2 as pb
from facesvg.v1 import processor_pb2_grpc as rpc
from services.processor import masks
from services.processor.intake import Submission
from services.processor.settings import LANDMARKS_BYTES
from services.processor.translation import options_from_proto, photo_from_proto
from services.runtime import uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.processor.intake import Intake


class ProcessorServicer(rpc.ProcessorServiceServicer):
    """Serves `facesvg.v1.ProcessorService` from an Intake."""

    def __init__(self, intake: Intake, max_image_bytes: int) -> None:
        self._intake = intake
        self._limits: dict[int, int] = {
            upload_pb2.PART_IMAGE: max_image_bytes,
            upload_pb2.PART_LANDMARKS: LANDMARKS_BYTES,
            upload_pb2.PART_SEGMENTATION_MAP: max_image_bytes,
        }

    async def SubmitTask(
        self, request_iterator: AsyncIterator[pb.SubmitTaskRequest], context: Any
    ) -> pb.SubmitTaskResponse:
        """Receive, check, store, queue."""
        del context
        with closing(await uploads.receive(request_iterator, self._limits)) as upload:
            submission = submission_of(upload)
            if self._intake.lacks_image(submission):
                return pb.SubmitTaskResponse(image_needed=True)
            begun = await self._intake.accept(submission)
        return pb.SubmitTaskResponse(
            cache_hit=begun.is_hit,
            task=begun.task,
            queue_depth=begun.queue_depth,
            similarity_distance=begun.distance,
        )

    async def ListPresets(
        self, request: pb.ListPresetsRequest, context: Any
    ) -> pb.ListPresetsResponse:
        """Return what can be drawn."""
        del request, context
        return pb.ListPresetsResponse(presets=[preset_to_proto(p) for p in masks.presets()])


def submission_of(upload: uploads.Upload) -> Submission:
    """Return what an upload asks for; raises `MissingPart`.

    Of the photo there is either the image or what is known of it.
    """
    header = upload.header
    photo = photo_from_proto(header.photo) if header.HasField("photo") else None
    landmarks = upload.part(upload_pb2.PART_LANDMARKS)
    segmentation_map = upload.parts.get(upload_pb2.PART_SEGMENTATION_MAP)
    inputs = masks.Inputs(
        image=io.BytesIO() if photo else upload.part(upload_pb2.PART_IMAGE).file,
        landmarks=landmarks.read(),
        segmentation_map=segmentation_map.read() if segmentation_map else None,
        photo=photo,
    )
    options = header.key.options
    return Submission(
        inputs, options_from_proto(options), upload, wants_similar=options.similarity > 0
    )


def preset_to_proto(preset: masks.Preset) -> pb.Preset:
    """Return a preset and its regions, without geometry."""
    return pb.Preset(
        name=preset.name,
        description=preset.description,
        regions=[
            mask_pb2.Region(
                id=number,
                name=region.name,
                side=region.side,
                viewer_side=region.viewer_side,
                color=region.color,
            )
            for number, region in enumerate(preset.regions, 1)
        ],
    )
