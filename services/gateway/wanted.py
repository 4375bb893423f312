"""What of a task a caller wants to see: the `read_mask` of a request, as AIP-157 has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf.field_mask_pb2 import FieldMask

from facesvg.v1 import task_pb2
from services.gateway.ids import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL = "*"
EXPECTED = "fields of Task, such as status or result.svg, or * alone"
RESULT = FieldMask(paths=["result"])


@dataclass(frozen=True)
class Wanted:
    """The fields of a task that are wanted, `of_result` those of its drawing; None is all."""

    fields: FieldMask | None = None
    of_result: FieldMask | None = None

    @property
    def has_result(self) -> bool:
        """Whether anything of the drawing is wanted."""
        return self.of_result is None or bool(self.of_result.paths)

    def trimmed(self, task: task_pb2.Task) -> task_pb2.Task:
        """Return the task with what is wanted of it; the same where that is all."""
        if self.fields is None:
            return task
        trimmed = task_pb2.Task()
        self.fields.MergeMessage(task, trimmed)
        return trimmed


EVERYTHING = Wanted()


def wanted(paths: Sequence[str]) -> Wanted:
    """Return what the paths of a mask ask for, all without any.

    Raises `InvalidArgument` for the first that is no field of a task.
    """
    distinct = dict.fromkeys(paths)
    if not distinct or list(distinct) == [ALL]:
        return EVERYTHING
    for path in distinct:
        if not FieldMask(paths=[path]).IsValidForDescriptor(task_pb2.Task.DESCRIPTOR):
            raise InvalidArgument("read_mask", path, EXPECTED)
    fields, of_result = FieldMask(), FieldMask()
    fields.CanonicalFormFromMask(FieldMask(paths=distinct))
    of_result.Intersect(fields, RESULT)
    return Wanted(fields, of_result)
