"""Messages to real receivers over HTTP."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

import pytest
from fixtures.receiver import HANG, Receiver

from deploy import certificates
from services.gateway.webhooks.guard import Guard
from services.gateway.webhooks.posting import Poster, Reply
from services.gateway.webhooks.signature import sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from services.gateway.webhooks.guard import Address

pytestmark = pytest.mark.integration

SECRETS = [bytes(32), bytes(range(32))]
BODY = b'{"type":"task.success"}'
LOOPBACK = [ip_network("127.0.0.0/8")]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


class Names:
    """A resolver that answers with the next of what it is told to."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        del port
        self.asked.append(host)
        return [ip_address(found) for found in self.answers.pop(0)]


def post(receiver: Receiver, url: str, seconds: float = 20, **more: Any) -> Reply:
    guard = Guard(frozenset({receiver.port}), more.pop("networks", LOOPBACK), allows_http=True)
    poster = Poster(guard, SECRETS, timedelta(seconds=seconds), now=lambda: 1e9 + 0.9, **more)
    return asyncio.run(poster.post(url, "d-1", BODY))


def test_a_message_comes_signed_as_it_is(receiver: Receiver) -> None:
    reply = post(receiver, receiver.url("/signed?a=1"))

    request = receiver.request("/signed?a=1")
    assert reply == Reply(204)
    assert reply.is_taken
    assert request.body == BODY
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "d-1"
    assert request.headers["webhook-timestamp"] == "1000000000"
    assert request.headers["webhook-signature"] == sign(SECRETS, "d-1", 10**9, BODY)
    assert request.headers["user-agent"].startswith("facesvg/")


@pytest.mark.parametrize("status", [400, 401, 404, 410, 500, 503])
def test_whatever_is_not_2xx_is_not_taken(receiver: Receiver, status: int) -> None:
    receiver.answers["/refused"].append(status)

    reply = post(receiver, receiver.url("/refused"))

    assert (reply.is_taken, reply.status) == (False, status)
    assert reply.is_final == (status == 410)
    assert reply.error == f"answered {status}; expected 2xx"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.answers["/redirect"].append(status)

    reply = post(receiver, receiver.url("/redirect"))

    assert reply.error == f"answered {status}; redirects are not followed"
    assert receiver.got["/elsewhere"].empty()


def test_a_receiver_that_hangs_is_left(receiver: Receiver) -> None:
    receiver.answers["/hang"].append(HANG)

    reply = post(receiver, receiver.url("/hang"), seconds=0.3)

    assert reply == Reply(error="no answer within 0.3 seconds")


def test_nobody_listens(receiver: Receiver) -> None:
    with Receiver() as gone:
        port = gone.port
    guard = Guard(frozenset({port}), LOOPBACK, allows_http=True)

    poster = Poster(guard, SECRETS, timedelta(seconds=20))
    reply = asyncio.run(poster.post(f"http://127.0.0.1:{port}/", "d-1", BODY))

    assert receiver.port != port
    assert reply.error.startswith("the call failed")


def test_what_is_not_allowed_is_not_called(receiver: Receiver) -> None:
    reply = post(receiver, receiver.url("/never"), networks=())

    assert reply == Reply(error="127.0.0.1 is not a public address")
    assert receiver.got["/never"].empty()


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1"])
def test_a_name_is_judged_by_where_it_leads(receiver: Receiver, host: str) -> None:
    reply = post(receiver, receiver.url("/never", host), networks=())

    assert "is not a public address" in reply.error
    assert receiver.got["/never"].empty()


@pytest.mark.parametrize("host", ["nobody.invalid", "x" * 64 + ".example", "a..example"])
def test_a_name_that_is_nobodys(receiver: Receiver, host: str) -> None:
    reply = post(receiver, receiver.url("/never", host))

    assert reply.error.startswith("the name leads nowhere")


def test_a_name_server_that_never_answers_is_not_waited_for(receiver: Receiver) -> None:
    async def silent(host: str, port: int) -> Sequence[Address]:
        del host, port
        await asyncio.Event().wait()
        return []

    reply = post(receiver, receiver.url("/never", "slow.example"), seconds=0.1, resolve=silent)

    assert reply == Reply(error="no answer within 0.1 seconds")


def test_a_name_that_leads_elsewhere_when_asked_again_is_not_asked_again(
    receiver: Receiver,
) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.9"])

    reply = post(
        receiver,
        receiver.url("/rebound", "rebound.example"),
        resolve=names,
        networks=[ip_network("127.0.0.1/32")],
    )

    assert reply.is_taken
    assert names.asked == ["rebound.example"]
    assert receiver.request("/rebound").headers["host"] == f"rebound.example:{receiver.port}"


def test_a_name_with_one_address_inside_is_not_called_at_all(receiver: Receiver) -> None:
    names = Names(["127.0.0.1", "10.0.0.1"])

    reply = post(receiver, receiver.url("/never", "two.example"), resolve=names)

    assert reply == Reply(error="10.0.0.1 is not a public address")


def test_https_is_by_the_certificate_of_the_name(tmp_path: Path) -> None:
    certificates.make(tmp_path, hosts=["hooks.example"])
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(tmp_path / "door.pem", tmp_path / "door.key")
    believed = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))

    with Receiver(shown) as receiver:
        right, wrong = (
            post(
                receiver,
                f"https://{host}:{receiver.port}/tls",
                resolve=Names(["127.0.0.1"]),
                certificates=believed,
            )
            for host in ("hooks.example", "other.example")
        )

    assert right.is_taken
    assert "certificate" in wrong.error.lower()


def test_the_next_address_is_called_where_the_first_does_not_answer(receiver: Receiver) -> None:
    names = Names(["127.0.0.99", "127.0.0.1"])

    assert post(receiver, receiver.url("/second", "two.example"), resolve=names).is_taken
