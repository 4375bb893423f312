"""Methods that take an upload, called as what it is: a single message, or a stream of them.

On the wire a stream of one message is that message. But gRPC has a thread send a stream, or a task
of an event loop, which takes up to a quarter of a millisecond that a message by itself does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.message_factory import GetMessageClass

from services.runtime.channels import STREAM_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import grpc
    from google.protobuf.descriptor import MethodDescriptor


def sender(
    channel: grpc.Channel | grpc.aio.Channel, method: MethodDescriptor
) -> Callable[..., Any]:
    """Return a method that takes a stream of requests, to be called with all of them.

    A list of one is sent as one message; anything else as it comes. Either way the call has as much
    time as a stream, or so many `seconds`.
    """
    path = f"/{method.containing_service.full_name}/{method.name}"
    codec: dict[str, Any] = {
        "request_serializer": GetMessageClass(method.input_type).SerializeToString,
        "response_deserializer": GetMessageClass(method.output_type).FromString,
    }
    one, many = channel.unary_unary(path, **codec), channel.stream_unary(path, **codec)

    def send(messages: Iterable[Any], *, seconds: float = STREAM_SECONDS) -> Any:
        if isinstance(messages, list) and len(messages) == 1:
            return one(messages[0], timeout=seconds)
        return many(iter(messages), timeout=seconds)

    return send
