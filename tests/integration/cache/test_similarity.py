"""BeginTask with a likeness: the drawing of a photo that looks the same, and of no other."""

from __future__ import annotations

import hashlib
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import psycopg
import pytest
from integration.cache import calls
from integration.cache.calls import FOLLOWER, HIT, OWNER, Photo

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import mask_pb2
from services.cache import likenesses
from services.cache.likeness import Likeness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from integration.cache.house import House

    from facesvg.v1.cache_pb2_grpc import CacheServiceStub

pytestmark = pytest.mark.integration

HASH = 0xFEDCBA9876543210
LOOKS = ((0.25, 0.5), (0.75, 0.5))

# As a full cache has them, without what a search does not look at.
TASKS = """
INSERT INTO task_results (task_id, input_hash)
SELECT md5(n::text)::uuid, repeat(md5(n::text), 2) FROM generate_series(1, 10000) AS n
"""
ALONE = "ALTER TABLE likenesses DISABLE TRIGGER ALL"
RANDOM = """
INSERT INTO likenesses (task_id, scope, perceptual_hash, image_width, image_height, landmarks)
SELECT md5(n::text)::uuid, sha256(''), ('x' || md5(n::text))::bit(64)::bigint, 640, 480, ''
FROM generate_series(1, 100000) AS n
"""
# One bit in four is set: far more photos look alike than the planner expects.
SKEWED = """
INSERT INTO likenesses (task_id, scope, perceptual_hash, image_width, image_height, landmarks)
SELECT
    md5(n::text)::uuid, sha256(''),
    ('x' || md5(n::text))::bit(64)::bigint & ('x' || md5('x' || n))::bit(64)::bigint, 640, 480, ''
FROM generate_series(1, 20000) AS n
"""
EXPLAIN = f"EXPLAIN (FORMAT JSON) {likenesses.NEAREST}"


@dataclass(frozen=True)
class Seen(Photo):
    """A photo with its likeness."""

    perceptual_hash: int = HASH
    places: tuple[tuple[float, float], ...] = LOOKS
    size: tuple[int, int] = (640, 480)
    tenant: str = ""
    segmentation_map: bytes = b""

    @property
    def key(self) -> pb.TaskKey:
        key = super().key
        key.tenant = self.tenant
        key.segmentation_map_sha256 = self.segmentation_map
        return key

    def header(self, task_id: str) -> pb.BeginTaskHeader:
        header = super().header(task_id)
        header.image_width, header.image_height = self.size
        header.likeness.perceptual_hash = self.perceptual_hash
        header.likeness.landmarks = b"".join(struct.pack("<2f", *place) for place in self.places)
        return header


def seen(similarity: int = 8, **more: Any) -> Seen:
    return Seen(options=mask_pb2.DrawOptions(similarity=similarity), **more)


def with_header(photo: Photo, header: pb.BeginTaskHeader) -> Iterator[pb.BeginTaskRequest]:
    """Yield a submission under another header."""
    yield pb.BeginTaskRequest(header=header)
    yield from list(photo.messages(""))[1:]


def flipped(count: int) -> int:
    """Return the hash with bits turned in all quarters alike."""
    result = HASH
    for place in range(count):
        result ^= 1 << (place * 16 + place // 4) % 64
    return result


def matched(stub: CacheServiceStub, photo: Photo) -> tuple[str, int] | None:
    """Return the task that is a photo's near duplicate and its distance."""
    answer = calls.begin(stub, photo)
    if not answer.HasField("similarity_distance"):
        assert answer.outcome == OWNER
        return None
    assert (answer.outcome, answer.task.status) == (HIT, "SUCCESS")
    return answer.task.task_id, answer.similarity_distance


@pytest.mark.parametrize("distance", [0, 1, 4, 8, 10])
def test_a_photo_that_looks_the_same_is_a_hit(house: House, distance: int) -> None:
    drawn = calls.completed(house.stub, seen())

    found = matched(house.stub, seen(max(1, distance), perceptual_hash=flipped(distance)))

    assert found == (drawn, distance)


@pytest.mark.parametrize("similarity", [1, 3, 4, 7, 9])
def test_one_that_looks_less_the_same_than_is_asked_is_not(house: House, similarity: int) -> None:
    calls.completed(house.stub, seen())

    assert matched(house.stub, seen(similarity, perceptual_hash=flipped(similarity + 1))) is None


def test_who_does_not_ask_gets_a_drawing_of_its_own(house: House) -> None:
    calls.completed(house.stub, seen())

    assert matched(house.stub, seen(0)) is None


def test_a_photo_without_a_likeness_is_not_found(house: House) -> None:
    calls.completed(house.stub, Photo())

    assert matched(house.stub, seen()) is None


def test_a_photo_is_found_that_did_not_ask_itself(house: House) -> None:
    drawn = calls.completed(house.stub, seen(0))

    assert matched(house.stub, seen()) == (drawn, 0)


def test_the_nearest_is_chosen(house: House) -> None:
    calls.completed(house.stub, seen(1, perceptual_hash=flipped(6)))
    nearest = calls.completed(house.stub, seen(1, perceptual_hash=flipped(2)))
    calls.completed(house.stub, seen(1, perceptual_hash=flipped(4)))

    assert matched(house.stub, seen(10)) == (nearest, 2)


def test_the_same_photo_comes_before_one_that_looks_the_same(house: House) -> None:
    calls.completed(house.stub, seen())
    photo = seen(0)
    drawn = calls.completed(house.stub, photo)

    answer = calls.begin(house.stub, seen(image=photo.image))

    assert (answer.outcome, answer.task.task_id) == (HIT, drawn)
    assert not answer.HasField("similarity_distance")


def test_the_same_photo_under_way_comes_before_one_that_looks_the_same(house: House) -> None:
    calls.completed(house.stub, seen())
    photo = seen(0)
    owner = calls.begun(house.stub, photo)

    answer = calls.begin(house.stub, seen(image=photo.image))

    assert (answer.outcome, answer.task.task_id) == (FOLLOWER, owner)


@pytest.mark.parametrize(
    "other",
    [
        {"places": ((0.25, 0.5), (0.75, 0.5 + 2 / 480))},
        {"places": LOOKS[:1], "landmarks": b"[[1, 2]]"},
        {"size": (480, 640)},
        {"tenant": "another"},
        {"segmentation_map": b"m" * 32},
    ],
    ids=str,
)
def test_all_else_must_agree(house: House, other: dict[str, Any]) -> None:
    calls.completed(house.stub, seen())
    photo = seen(10, **other)
    header = photo.header(calls.new_id())
    header.landmarks_count = len(photo.places)

    answer = house.stub.BeginTask(with_header(photo, header))

    assert answer.outcome == OWNER


def test_other_options_are_another_drawing(house: House) -> None:
    calls.completed(house.stub, seen())
    options = mask_pb2.DrawOptions(similarity=8, preset="features")

    assert matched(house.stub, Seen(options=options)) is None


def test_similarity_itself_is_no_other_option(house: House) -> None:
    drawn = calls.completed(house.stub, seen(3))

    assert matched(house.stub, seen(8)) == (drawn, 0)


def test_a_task_that_is_not_drawn_is_no_answer(house: House) -> None:
    waiting = calls.begun(house.stub, seen())
    assert matched(house.stub, seen()) is None

    token = calls.leased(house.stub, waiting)
    house.stub.FailTask(calls.failing(waiting, token, deterministic=True))

    assert matched(house.stub, seen()) is None


def test_what_expired_is_no_answer(house: House) -> None:
    calls.completed(house.stub, seen())
    house.sql("UPDATE task_results SET ttl_expires_at = now()")

    assert matched(house.stub, seen()) is None


def test_a_likeness_goes_with_its_task(house: House) -> None:
    drawn = calls.completed(house.stub, seen())
    house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=drawn))
    assert house.value("SELECT count(*) FROM likenesses") == 0

    calls.completed(house.stub, seen())
    house.sql("UPDATE task_results SET ttl_expires_at = now()")
    house.stub.Cleanup(pb.CleanupRequest())

    assert house.value("SELECT count(*) FROM likenesses") == 0


def test_a_similar_answer_leaves_nothing_behind_and_counts_as_a_hit(house: House) -> None:
    drawn = calls.completed(house.stub, seen())
    tasks = house.value("SELECT count(*) FROM task_results")

    calls.begin(house.stub, seen())
    house.flush_hits()

    assert house.value("SELECT count(*) FROM task_results") == tasks
    assert house.value("SELECT count(*) FROM likenesses") == tasks
    assert calls.got(house.stub, drawn, with_result=True).result.cache_hits == 1


def test_a_full_queue_does_not_keep_a_similar_answer_back(
    house_with: Callable[..., House],
) -> None:
    house = house_with(QUEUE_LIMIT="1")
    drawn = calls.completed(house.stub, seen())
    calls.begun(house.stub)

    assert matched(house.stub, seen()) == (drawn, 0)


def test_of_many_at_once_each_photo_has_one_owner(house: House) -> None:
    """What is not drawn yet is no answer: two photos are two tasks, however alike they look."""
    photos = [seen(), seen()]
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda n: calls.begin(house.stub, photos[n % 2]), range(20)))

    assert [answer.outcome for answer in answers].count(OWNER) == 2
    assert [answer.outcome for answer in answers].count(FOLLOWER) == 18
    assert house.value("SELECT count(*) FROM likenesses") == 2


@pytest.mark.parametrize("change", ["landmarks", "image_width"])
def test_a_likeness_that_is_none_is_refused(house: House, change: str) -> None:
    photo = seen()
    header = photo.header(calls.new_id())
    if change == "landmarks":
        header.likeness.landmarks += b"x"
    else:
        header.image_width = 0

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.BeginTask(with_header(photo, header))

    assert calls.info(refused.value).metadata["field"].endswith(change)


def test_tasks_are_looked_up_one_by_one_however_many_photos_look_alike(house: House) -> None:
    for statement in (TASKS, ALONE, SKEWED, "ANALYZE"):
        house.sql(statement)

    for most in (1, 8, 10):
        assert "task_results" not in scanned(explained(house, 0x1000200040008000, most))


def explained(house: House, perceptual_hash: int, most: int) -> list[dict[str, Any]]:
    """Return all nodes of the plan by which a photo is looked for."""
    likeness = Likeness(hashlib.sha256().digest(), perceptual_hash, b"", 640, 480)
    with psycopg.connect(house.url) as connection:
        row: Any = connection.execute(EXPLAIN, likenesses.asked(likeness, most)).fetchone()
    found = [row[0][0]["Plan"]]
    for node in found:
        found.extend(node.get("Plans", ()))
    return found


def scanned(plan: list[dict[str, Any]]) -> set[str]:
    """Return the tables that are read from end to end."""
    return {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}


def test_the_index_answers_and_no_table_is_searched(house: House) -> None:
    for statement in (TASKS, ALONE, RANDOM, "VACUUM ANALYZE"):
        house.sql(statement)

    for most in range(1, 11):
        plan = explained(house, HASH, most)
        assert scanned(plan) == set()
        used = {n["Index Name"] for n in plan if n["Node Type"] == "Index Only Scan"}
        assert used == {f"likenesses_quarter_{quarter}" for quarter in (1, 2, 3, 4)}


def test_every_row_that_is_near_is_found(house: House) -> None:
    near = {distance: flipped(distance) for distance in range(11)}
    drawn = {d: calls.completed(house.stub, seen(0, perceptual_hash=h)) for d, h in near.items()}

    for distance in sorted(near):
        assert matched(house.stub, seen(10)) == (drawn[distance], distance)
        house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=drawn[distance]))
