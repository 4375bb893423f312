"""Names of tasks and results."""

from __future__ import annotations

import pytest

from services.gateway import ids

TASK = "0b9c1f2e-0000-4000-8000-0123456789ab"


def test_ids_come_in_lower_case() -> None:
    assert ids.task_id(TASK.upper()) == TASK
    assert ids.input_hash("AB" * 32) == "ab" * 32


@pytest.mark.parametrize("text", ["", "x", TASK[:-1], TASK + "0", f"{{{TASK}}}", TASK + "\n"])
def test_what_is_no_task_id_is_not_found(text: str) -> None:
    with pytest.raises(ids.TaskNotFound, match="a task's id is a UUID"):
        ids.task_id(text)


@pytest.mark.parametrize("text", ["", "ab", "g" * 64, "ab" * 33])
def test_what_is_no_input_hash_is_wrong(text: str) -> None:
    with pytest.raises(ids.InvalidArgument, match="expected 64 hexadecimal digits") as caught:
        ids.input_hash(text)

    assert caught.value.facts["field"] == caught.value.field == "input_hash"


def test_a_long_value_is_repeated_in_part() -> None:
    with pytest.raises(ids.TaskNotFound) as caught:
        ids.task_id("x" * 10_000)

    assert len(caught.value.facts["task_id"]) == 64
