"""Counting requests as clients make them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc
from google.api.httpbody_pb2 import HttpBody
from prometheus_client import REGISTRY

from facesvg.v1 import gateway_pb2, gateway_pb2_grpc
from services.gateway import traffic
from services.gateway.traffic import HTTP, METHODS, ROUTES, SERVICE, Traffic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence


def test_every_method_with_a_route_is_known_by_its_verb_and_path() -> None:
    submit = ROUTES[f"/{SERVICE.full_name}/SubmitForm"]
    erase = ROUTES[f"/{SERVICE.full_name}/DeleteTask"]

    assert submit == ("POST", "/api/v1/frontal/crop/submit")
    assert erase == ("DELETE", "/api/v1/frontal/crop/{task_id}")
    assert set(ROUTES) <= METHODS


def test_statuses_are_told_as_the_door_tells_them() -> None:
    assert (HTTP["OK"], HTTP["NOT_FOUND"], HTTP["RESOURCE_EXHAUSTED"]) == ("200", "404", "429")


class Gateway(gateway_pb2_grpc.GatewayServiceServicer):
    """Answers with as many bytes as came, at once or in pieces of one byte; refuses none at all."""

    async def SubmitForm(self, request_iterator: Any, context: Any) -> Any:  # noqa: N802
        size = sum([len(message.form.data) async for message in request_iterator])
        if not size:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "nothing came")
        return gateway_pb2.SubmitResponse(message="x" * size)

    async def GetSvg(self, request: Any, context: Any) -> AsyncIterator[HttpBody]:  # noqa: N802
        del context
        for _ in request.task_id:
            yield HttpBody(data=b"x")


SUBMIT, SVG = (f"/{SERVICE.full_name}/{name}" for name in ("SubmitForm", "GetSvg"))


def counted(
    call: Callable[[Any], Any], metadata: Sequence[tuple[str, str]] = ()
) -> Mapping[str, float]:
    """Return what a call of the gateway adds to its series, by their names and labels."""

    async def calling() -> None:
        server = grpc.aio.server(interceptors=[Traffic()])
        gateway_pb2_grpc.add_GatewayServiceServicer_to_server(Gateway(), server)  # type: ignore[abstract]
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            with suppress(grpc.aio.AioRpcError):
                answer = call(asking(gateway_pb2_grpc.GatewayServiceStub(channel), metadata))
                if hasattr(answer, "__aiter__"):
                    [_ async for _ in answer]
                else:
                    await answer
        await server.stop(None)

    before = series()
    asyncio.run(calling())
    return {name: value - before.get(name, 0) for name, value in series().items()}


def asking(stub: Any, metadata: Sequence[tuple[str, str]]) -> Callable[[str, Any], Any]:
    return lambda method, request: getattr(stub, method)(request, metadata=metadata)


def series() -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
    }


def form(*pieces: bytes) -> Any:
    return iter([gateway_pb2.SubmitFormRequest(form=HttpBody(data=piece)) for piece in pieces])


def test_a_request_is_weighed_and_so_is_its_answer() -> None:
    grown = counted(lambda ask: ask("SubmitForm", form(b"x" * 5000, b"x" * 1000)))

    assert 6000 < grown[f"api_request_size_bytes_sum['{SUBMIT}']"] < 6032
    assert 6000 < grown[f"api_response_size_bytes_sum['{SUBMIT}']"] < 6032
    assert grown[f"api_response_size_bytes_count['{SUBMIT}']"] == 1
    assert grown["upload_bytes_in_flight[]"] == 0


def test_an_answer_in_pieces_is_weighed_as_one() -> None:
    grown = counted(lambda ask: ask("GetSvg", gateway_pb2.GetSvgRequest(task_id="12345")))

    assert grown[f"api_request_size_bytes_sum['{SVG}']"] == len("12345") + 2
    assert grown[f"api_response_size_bytes_sum['{SVG}']"] == 5 * 3
    assert grown[f"api_response_size_bytes_count['{SVG}']"] == 1


def test_a_request_is_counted_as_its_client_made_it_and_as_the_call_that_it_is() -> None:
    door = [(traffic.FROM_REST, "/api/v1/frontal/crop/submit?x=1")]

    grown = counted(lambda ask: ask("SubmitForm", form(b"x")), door)

    assert grown["api_requests_total['/api/v1/frontal/crop/submit', '200', 'POST']"] == 1
    assert grown[f"grpc_server_handled_total['{SUBMIT}', 'OK']"] == 1
    assert grown[f"grpc_server_handling_seconds_count['{SUBMIT}']"] == 1


def test_what_is_refused_has_its_status_and_no_answer() -> None:
    grown = counted(lambda ask: ask("SubmitForm", form()))

    assert grown[f"api_requests_total['{SUBMIT}', 'GRPC', 'INVALID_ARGUMENT']"] == 1
    assert grown.get(f"api_response_size_bytes_count['{SUBMIT}']", 0) == 0
