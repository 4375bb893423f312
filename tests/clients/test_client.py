"""The Python client on the whole stack, through the door."""

from __future__ import annotations

import asyncio
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from itertools import islice
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from faces import face, fresh
from faults.proxy import Proxy
from faults.strikes import paused

from facesvg.v1 import cache_pb2
from facesvg_client import (
    AsyncClient,
    Client,
    DeadlineExceeded,
    Drawing,
    FacesvgError,
    InvalidLandmarks,
    InvalidOption,
    NotFinished,
    NotFound,
    Retry,
    Status,
    Task,
    TaskCancelled,
    Unavailable,
)
from facesvg_client.flows import Flows
from facesvg_client.inputs import Order
from facesvg_client.policy import Deadline
from facesvg_client.steps import Send
from facesvg_client.talk import ThreadTalk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from faces import Face
    from suite import Suite

pytestmark = pytest.mark.e2e

HOPPER = face("hopper")


@pytest.fixture
def client(suite: Suite) -> Iterator[Client]:
    with Client(suite.stack.url) as client:
        yield client


def new(number: int) -> Face:
    """Return a face that no other test draws."""
    return fresh(HOPPER, 8000 + number)


def test_a_face_is_drawn_and_its_progress_told(client: Client, tmp_path: Path) -> None:
    photo, seen = new(1), list[Task]()

    drawing = client.draw(
        photo.photo, photo.landmarks, photo.label_map, preset="features", progress=seen.append
    )

    assert drawing.svg.startswith("<svg")
    assert {region.name for region in drawing.regions} > {"nose", "left_eye", "right_eye"}
    assert all(region.rings and region.area > 0 for region in drawing.regions)
    assert (drawing.scheme, drawing.landmarks_count) == ("mediapipe478", 478)
    assert not drawing.cache_hit
    assert seen[-1].status is Status.SUCCESS
    assert drawing.save(tmp_path / "face.svg").read_text() == drawing.svg
    assert [path.name for path in tmp_path.iterdir()] == ["face.svg"]


def test_what_is_drawn_already_is_not_uploaded(client: Client, suite: Suite) -> None:
    photo = new(2)
    first = client.draw(photo.photo, photo.landmarks, photo.label_map, theme="vivid")
    before = suite.uploads()

    again = client.draw(
        io.BytesIO(photo.photo),
        json.loads(photo.landmarks),
        photo.label_map,
        theme="vivid",
        trace="smooth",  # a default, spelt out
    )

    assert suite.uploads() == before
    assert (again.task_id, again.cache_match, again.svg) == (first.task_id, "EXACT", first.svg)


def test_the_async_client_draws_many_at_once(suite: Suite) -> None:
    async def drawn() -> list[Drawing]:
        async with AsyncClient(suite.stack.url) as client:
            faces = [new(number) for number in (10, 11, 12)]
            return await asyncio.gather(*(client.draw(f.photo, f.landmarks) for f in faces))

    assert len({drawing.task_id for drawing in asyncio.run(drawn())}) == 3


def test_both_clients_have_the_same_methods_and_tell_the_same(suite: Suite) -> None:
    photo = new(3)

    async def asked() -> dict[str, Any]:
        async with AsyncClient(suite.stack.url) as client:
            submitted = await client.submit(photo.photo, photo.landmarks)
            tasks = [task async for task in client.watch(submitted.task_id)]
            return {
                "svg": await client.svg(submitted.task_id),
                "status": await client.status(submitted.task_id),
                "watch": tasks[-1],
                "recent": (await client.recent(1))[0].task_id,
                "tasks": [task.task_id async for task in client.tasks()],
                "regions": await client.regions(),
                "cancel": await client.cancel(submitted.task_id),
                "days": (await client.stats(3)).days,
                "health": (await client.health()).status,
            }

    found = asyncio.run(asked())

    with Client(suite.stack.url) as client:
        submitted = client.submit(photo.photo, photo.landmarks)
        assert submitted.cache_hit
        assert found == {
            "svg": client.svg(submitted.task_id),
            "status": client.status(submitted.task_id),
            "watch": list(client.watch(submitted.task_id))[-1],
            "recent": client.recent(1)[0].task_id,
            "tasks": [task.task_id for task in client.tasks()],
            "regions": client.regions(),
            "cancel": client.cancel(submitted.task_id),
            "days": client.stats(3).days,
            "health": client.health().status,
        }
        client.delete(submitted.task_id)
    public = {name for name in vars(Client) if not name.startswith("_")}
    assert public == {name for name in vars(AsyncClient) if not name.startswith("_")}


def test_who_wants_little_of_a_task_gets_little(client: Client) -> None:
    photo = new(9)
    drawing = client.draw(photo.photo, photo.landmarks)

    task = client.status(drawing.task_id, read_mask=["result.svg"])
    [watched] = client.watch(drawing.task_id, read_mask=["progress"])

    assert task.result is not None
    assert (task.task_id, task.status) == (drawing.task_id, Status.SUCCESS)
    assert (task.result.svg, task.result.regions) == (drawing.svg, ())
    assert (watched.status, watched.progress, watched.result) == (Status.SUCCESS, 100, None)


def test_a_task_is_waited_for_cancelled_and_erased(client: Client, suite: Suite) -> None:
    photo = new(4)
    with paused(suite.stack, "worker"):
        task_id = client.submit(photo.photo, photo.landmarks).task_id
        with pytest.raises(NotFinished, match="PENDING"):
            client.svg(task_id)
        with pytest.raises(DeadlineExceeded):
            client.draw(photo.photo, photo.landmarks, timeout=0.5)
        watch = client.watch(task_id)
        assert next(watch).status is Status.PENDING

        assert client.cancel(task_id).status is Status.CANCELLED

        assert next(watch).status is Status.CANCELLED
        assert next(watch, None) is None
    client.delete(task_id)
    with pytest.raises(NotFound) as caught:
        client.status(task_id)
    assert caught.value.reason == "TASK_NOT_FOUND"
    assert caught.value.request_id


def test_whoever_waits_for_a_task_that_is_cancelled_is_told(client: Client, suite: Suite) -> None:
    photo = new(5)

    def cancel(task: Task) -> None:
        client.cancel(task.task_id)

    with paused(suite.stack, "worker"), pytest.raises(TaskCancelled):
        client.draw(photo.photo, photo.landmarks, progress=cancel)


def test_errors_say_what_is_wrong_with_which_field(client: Client) -> None:
    with pytest.raises(InvalidLandmarks, match="found 5") as count:
        client.draw(HOPPER.photo, [[1, 2]] * 5)
    with pytest.raises(InvalidOption) as option:
        client.draw(HOPPER.photo, HOPPER.landmarks, region_opacity=1.5)

    assert count.value.metadata["found"] == "5"
    assert list(option.value.violations) == ["region_opacity"]


def test_tasks_come_page_by_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (20, 21, 22):
        client.submit(new(number).photo, new(number).landmarks)
    monkeypatch.setattr("facesvg_client.flows.PAGE", 2)

    found = [task.task_id for task in islice(client.tasks(), 3)]

    assert found == [task.task_id for task in client.recent(3)]


def test_a_watch_outlives_its_connection(suite: Suite) -> None:
    photo, seen = new(6), list[Status]()
    with (
        Proxy(suite.door[1]) as proxy,
        Client(proxy.address) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        with paused(suite.stack, "worker"):
            drawn = pool.submit(
                client.draw,
                photo.photo,
                photo.landmarks,
                progress=lambda task: seen.append(task.status),
            )
            suite.until(lambda: list(seen), lambda found: found == [Status.PENDING])

            proxy.reset()

            suite.until(lambda: proxy.connections, lambda count: count == 0)
        assert drawn.result(60).svg.startswith("<svg")


class LossyTalk(ThreadTalk[Any]):
    """Loses the first answer to an upload, which was taken."""

    lost = ""

    def _perform(self, step: Any) -> Any:
        answer = super()._perform(step)
        if isinstance(step, Send) and not self.lost:
            self.lost = answer.task_id
            self.after(answer.task_id)
            raise ConnectionGone
        return answer

    def after(self, task_id: str) -> None:
        """Let something happen before the upload is sent again."""


class CancelledTalk(LossyTalk):
    """Has the task cancelled besides."""

    def after(self, task_id: str) -> None:
        """Cancel it."""
        self._stub.CancelTask(cache_pb2.CancelTaskRequest(task_id=task_id))


class ConnectionGone(grpc.RpcError):
    """What gRPC raises when the line breaks."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE

    def details(self) -> str:
        return "Socket closed"

    def trailing_metadata(self) -> tuple[Any, ...]:
        return ()


def test_an_upload_whose_answer_is_lost_has_one_task(client: Client, suite: Suite) -> None:
    photo, before = new(7), suite.task_ids()
    order = Order.of(photo.photo, photo.landmarks, None, {})
    talk = LossyTalk(client._stub, (), Flows(Retry(), Deadline(None)).draw(order, lookup=True))

    drawing = talk.result()

    assert talk.lost == drawing.task_id
    assert suite.task_ids() - before == {drawing.task_id}


def test_an_upload_whose_answer_is_lost_is_told_what_became_of_its_own_task(
    client: Client, suite: Suite
) -> None:
    order = Order.of(new(8).photo, new(8).landmarks, None, {})
    talk = CancelledTalk(client._stub, (), Flows(Retry(), Deadline(None)).draw(order, lookup=True))

    with paused(suite.stack, "worker"), pytest.raises(TaskCancelled, match=r"the task .* was"):
        talk.result()

    assert talk.lost


def test_a_key_stands_for_one_submission(client: Client, suite: Suite) -> None:
    photo, other = new(30), new(31)
    with paused(suite.stack, "worker"):
        first = client.submit(photo.photo, photo.landmarks, idempotency_key="order-30")
        client.cancel(first.task_id)

        again = client.submit(photo.photo, photo.landmarks, idempotency_key="order-30")

    assert (again.task_id, again.status) == (first.task_id, Status.CANCELLED)
    with pytest.raises(FacesvgError) as caught:
        client.submit(other.photo, other.landmarks, idempotency_key="order-30")
    assert caught.value.reason == "IDEMPOTENCY_KEY_REUSED"


def test_a_closed_port_is_a_clear_error_after_a_few_attempts() -> None:
    hasty = Retry(attempts=2, first_pause=0.01)
    with (
        Client("127.0.0.1:1", retry=hasty) as client,
        pytest.raises(Unavailable, match="nobody answers there"),
    ):
        client.health()


def test_a_drawing_is_plain_data() -> None:
    assert all(field.init for field in fields(Drawing))
