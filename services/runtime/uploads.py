"""Parts of a submission on their way through a stream.

A stream of messages `oneof {header, chunk, finish}` is an upload. A peer that dies, cancels or runs
out of time ends its stream exactly as one that is done, so nothing counts until `finish` has come
and every declared length and digest agrees. Between services an upload of few bytes is its header
alone, with the chunks in it: each message costs as much as some ten thousand bytes.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from facesvg.v1 import upload_pb2
from services.runtime.spool import Spool, sha256
from services.runtime.upload_errors import (
    MissingPart,
    PartTooLarge,
    TruncatedUpload,
    UnexpectedPart,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence

    from services.runtime.spool import Digester

CHUNK_BYTES = 256 * 1024
"""The piece that every stream carries: measured fastest, and far below gRPC's 4 MiB."""

FEW_BYTES = 512 * 1024
"""What a header may have of chunks: gRPC takes 4 MiB, and a drawing's regions may be 3 of them."""


@dataclass(frozen=True)
class Upload:
    """A whole upload: its header and its parts by number. Whoever receives one closes it."""

    header: Any
    parts: Mapping[int, Spool]

    def part(self, number: int) -> Spool:
        """Return a part; raises `MissingPart`."""
        if number not in self.parts:
            name = part_name(number)
            raise MissingPart(f"{name} is missing; every submission has one", part=name)
        return self.parts[number]

    def close(self) -> None:
        """Close every part."""
        for spool in self.parts.values():
            spool.close()


def part_name(part: int) -> str:
    """Return a part's name on the REST interface.

    >>> part_name(upload_pb2.PART_SEGMENTATION_MAP)
    'segmentation_map'
    """
    if part not in upload_pb2.Part.values():
        return str(part)
    return upload_pb2.Part.Name(cast("upload_pb2.Part.ValueType", part))[len("PART_") :].lower()


def part_info(part: int, spool: Spool) -> upload_pb2.PartInfo:
    """Return what a header says of a part."""
    known = cast("upload_pb2.Part.ValueType", part)
    return upload_pb2.PartInfo(part=known, size_bytes=spool.size, sha256=spool.digest)


async def receive(
    stream: AsyncIterator[Any], limits: Mapping[int, int], digest_of: Digester = sha256
) -> Upload:
    """Return the upload that a request stream carries.

    `limits` has the most bytes of each part that is allowed, `digest_of` tells the SHA-256 of parts
    in memory. Raises an `UploadError` for the first thing that is wrong, and keeps nothing then.
    """
    header: Any = None
    parts: dict[int, Spool] = {}
    try:
        async for message in stream:
            kind = message.WhichOneof("message")
            if kind == "finish" and header is not None:
                agree(parts, declared(header))
                return Upload(header, parts)
            if kind == "header" and header is None:
                header = message.header
                fit(declared(header), limits)
                if getattr(header, "chunks", ()):
                    for chunk in header.chunks:
                        take(parts, chunk, limits, digest_of)
                    agree(parts, declared(header))
                    return Upload(header, parts)
            elif kind == "chunk" and header is not None:
                take(parts, message.chunk, limits, digest_of)
            else:
                found = kind or "an empty message"
                raise UnexpectedPart(
                    f"expected a header, then chunks, then finish; found {found}", found=found
                )
        raise TruncatedUpload("the stream ended without finish; send it again")
    except BaseException:
        for spool in parts.values():
            spool.close()
        raise


def spooled(parts: Mapping[int, bytes], limits: Mapping[int, int]) -> Upload:
    """Return those of `parts` that have bytes as an upload; raises `PartTooLarge`."""
    upload = Upload(
        header=None, parts={n: Spool(part_name(n), limits[n]) for n in parts if parts[n]}
    )
    try:
        for number, spool in upload.parts.items():
            spool.write(parts[number])
    except PartTooLarge:
        upload.close()
        raise
    return upload


def fit(infos: Sequence[upload_pb2.PartInfo], limits: Mapping[int, int]) -> None:
    """Raise `PartTooLarge` for a part that is declared too large, before any of its bytes."""
    for info in infos:
        limit = limits.get(info.part)
        if limit is not None and info.size_bytes > limit:
            name = part_name(info.part)
            raise PartTooLarge(
                f"{name} is declared as {info.size_bytes} bytes, {limit} are accepted",
                part=name,
                limit_bytes=limit,
            )


def take(
    parts: dict[int, Spool],
    chunk: upload_pb2.Chunk,
    limits: Mapping[int, int],
    digest_of: Digester,
) -> None:
    """Append a chunk to its part, which is the last one begun or a new one."""
    number: int = chunk.part
    name = part_name(number)
    if number not in limits:
        raise UnexpectedPart(f"{name} is not a part of this upload", part=name)
    if number not in parts:
        parts[number] = Spool(name, limits[number], digest_of=digest_of)
    elif number != next(reversed(parts)):
        raise UnexpectedPart(f"a chunk of {name} came after the next part had begun", part=name)
    parts[number].write(chunk.data)


def declared(header: Any) -> Sequence[upload_pb2.PartInfo]:
    """Return what a header says of its parts, if it says anything."""
    return cast("Sequence[upload_pb2.PartInfo]", getattr(header, "parts", ()))


def agree(parts: Mapping[int, Spool], infos: Sequence[upload_pb2.PartInfo]) -> None:
    """Raise `TruncatedUpload` unless every declared part came with its length and digest."""
    for info in infos:
        name = part_name(info.part)
        spool = parts.get(info.part)
        size = spool.size if spool else 0
        if info.HasField("size_bytes") and info.size_bytes != size:
            raise TruncatedUpload(
                f"{name} was declared as {info.size_bytes} bytes, {size} came",
                part=name,
                expected=info.size_bytes,
                found=size,
            )
        if info.HasField("sha256") and (spool is None or spool.digest != info.sha256):
            found = spool.digest.hex() if spool else ""
            raise TruncatedUpload(
                f"{name} was declared with sha256 {info.sha256.hex()}, its bytes have {found}",
                part=name,
                expected=info.sha256.hex(),
                found=found,
            )


def are_few(size: int) -> bool:
    """Return whether so many bytes may go in the header itself."""
    return size <= FEW_BYTES


def messages(first: Any, files: Mapping[int, BinaryIO], *, in_one: bool) -> Iterable[Any]:
    """Return the upload of some parts, by number: with `in_one` all of them in `first`, in a list.

    `first` is the message that has the header; it may be sent again.
    """
    kind = type(first)
    pieces = (chunk for part, file in files.items() for chunk in chunks(file, part))
    del first.header.chunks[:]
    if in_one:
        first.header.chunks.extend(pieces)
        return [first]
    finish = kind(finish=upload_pb2.Finish())
    return itertools.chain([first], (kind(chunk=chunk) for chunk in pieces), [finish])


def chunks(file: BinaryIO, part: int) -> Iterator[upload_pb2.Chunk]:
    """Yield the rest of `file` in chunks of `CHUNK_BYTES`; an empty one yields one empty chunk."""
    known = cast("upload_pb2.Part.ValueType", part)
    data = file.read(CHUNK_BYTES)
    yield upload_pb2.Chunk(part=known, data=data)
    while data := file.read(CHUNK_BYTES):
        yield upload_pb2.Chunk(part=known, data=data)
