"""The query of a REST request, as Envoy hands it on.

Envoy's transcoder fills the fields it knows and drops all other names, so a misspelt one would
change nothing and say nothing. The path as the client wrote it comes along as metadata; here it is
checked for every method, and drawing options are read from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from facesvg.v1 import gateway_pb2
from services.gateway import choices
from services.gateway.form import MalformedRequest
from services.runtime import options
from services.runtime.around import Before
from services.runtime.headers import headers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import grpc

PATH_KEY = "x-envoy-original-path"
LENGTH_KEY = "x-upload-content-length"
MAX_PARAMETERS = 64
FORM = "form"
"""The field that holds a body; beside it the query has drawing options."""
OURS = ("tenant",)
"""Fields of shared messages that the gateway fills in itself; no client can."""


class QueryNames(Before):
    """Refuses calls whose query has a name that the method does not know."""

    def __init__(self) -> None:
        self._known = known_names()

    def before(self, method: str, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        """Check the names before anything else is done."""
        known = self._known.get(method)
        if known is not None:
            check(known, parameters(context))


def known_names() -> Mapping[str, Sequence[str]]:
    """Return what each method's query may have, by the method's path."""
    service = gateway_pb2.DESCRIPTOR.services_by_name["GatewayService"]
    return {
        f"/{service.full_name}/{method.name}": parameters_of(method.input_type)
        for method in service.methods
    }


def parameters_of(message: Any) -> Sequence[str]:
    """Return the names that a query may have for a request message, in either spelling."""
    if FORM in message.fields_by_name:
        return choices.NAMES
    fields = [field for field in message.fields if field.name not in OURS]
    return tuple(dict.fromkeys(name for field in fields for name in (field.name, field.json_name)))


def check(known: Sequence[str], found: Sequence[tuple[str, str]]) -> None:
    """Raise `UnknownOption` for the first name that is not known."""
    for name, _ in found:
        if name in known:
            continue
        if known:
            raise options.unknown(name, known)
        shown = options.shown(name)
        raise options.UnknownOption(
            f"there is no parameter {shown}; this method takes none", shown.strip("'")
        )


def parameters(context: grpc.aio.ServicerContext[Any, Any]) -> Sequence[tuple[str, str]]:
    """Return the query's names and values in order; none for a call that did not come by REST."""
    _, _, text = headers(context).get(PATH_KEY, "").partition("?")
    try:
        return parse_qsl(
            text.partition("#")[0],
            keep_blank_values=True,
            max_num_fields=MAX_PARAMETERS,
            errors="strict",
        )
    except ValueError:
        raise MalformedRequest(
            f"the query cannot be read; expected at most {MAX_PARAMETERS} parameters "
            f"name=value in UTF-8, percent-encoded",
            limit=MAX_PARAMETERS,
        ) from None


def declared_length(context: grpc.aio.ServicerContext[Any, Any]) -> int | None:
    """Return the length of the request's body as its HTTP headers had it, if they did."""
    length = headers(context).get(LENGTH_KEY, "")
    return int(length) if length.isascii() and length.isdigit() else None
