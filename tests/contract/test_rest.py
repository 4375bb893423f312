"""What REST clients can rely on, read off the contract itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.api import annotations_pb2
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FieldDescriptor

from facesvg.v1 import error_reason_pb2, gateway_pb2, mask_pb2, options_pb2
from services.processor import masks
from services.runtime import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor, MethodDescriptor

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = gateway_pb2.DESCRIPTOR.services_by_name["GatewayService"]
SIXTY_FOUR_BITS = (
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_FIXED64,
    FieldDescriptor.TYPE_SFIXED64,
    FieldDescriptor.TYPE_SINT64,
)
# JSON shows these as text of their own, not as numbers.
WELL_KNOWN = ("google.protobuf.Timestamp", "google.protobuf.Duration", "google.api.HttpBody")


def rest_methods() -> list[MethodDescriptor]:
    return [
        method
        for method in GATEWAY.methods
        if method.GetOptions().HasExtension(annotations_pb2.http)
    ]


def reachable(message: Descriptor, seen: set[str]) -> Iterator[FieldDescriptor]:
    if message.full_name in seen or message.full_name in WELL_KNOWN:
        return
    seen.add(message.full_name)
    for field in message.fields:
        yield field
        if field.message_type:
            yield from reachable(field.message_type, seen)


@pytest.mark.parametrize("method", rest_methods(), ids=lambda method: method.name)
def test_no_json_answer_has_a_number_that_json_prints_as_text(method: MethodDescriptor) -> None:
    fields = reachable(method.output_type, set())

    assert [f.full_name for f in fields if f.type in SIXTY_FOUR_BITS] == []


def test_every_method_but_the_native_upload_and_its_lookup_is_on_rest() -> None:
    native_only = {method.name for method in GATEWAY.methods} - {m.name for m in rest_methods()}

    assert native_only == {"Submit", "FindByInputs"}


def test_envoys_descriptor_set_has_the_types_of_error_details() -> None:
    known = descriptor_pb2.FileDescriptorSet()
    known.ParseFromString((ROOT / "protos/gen/facesvg.binpb").read_bytes())

    assert "google/rpc/error_details.proto" in {file.name for file in known.file}


def test_every_option_has_a_rule() -> None:
    fields = mask_pb2.DrawOptions.DESCRIPTOR.fields

    assert [f.name for f in fields if not f.GetOptions().HasExtension(options_pb2.rule)] == []


def test_the_drawing_library_has_the_options_and_defaults_of_the_contract() -> None:
    assert masks.Options(**options.filled(mask_pb2.DrawOptions())) == masks.Options()


def test_the_drawing_version_of_the_contract_is_the_librarys() -> None:
    assert max(mask_pb2.DrawingVersion.values()) == masks.VERSION


def test_error_reasons_fit_an_error_info() -> None:
    names = [
        name.removeprefix("ERROR_REASON_")
        for name in error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
    ]

    assert [name for name in names if len(name) > 63 or not name.isupper()] == []
