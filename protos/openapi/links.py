"""What an answer leads to: which of its values is asked with next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

OF_A_TASK = ("GetStatus", "WatchTask", "GetSvg", "CancelTask", "DeleteTask")
"""What can be asked of a task by its id."""

TASK_IDS: Mapping[str, str] = {
    "SubmitForm": "/task_id",
    "FindByDigest": "/task_id",
    "GetStatus": "/task_id",
    "CancelTask": "/task_id",
    "ListTasks": "/tasks/0/task_id",
    "ListRecent": "/0/task_id",
}
"""Where answers have the id of a task."""

INPUT_HASHES: Mapping[str, str] = {"SubmitForm": "/input_hash", "GetStatus": "/input_hash"}
"""Where they have the key that `FindByDigest` looks up."""


def links(method: str) -> Json:
    """Return the links of a method's answer by name; none leads back to the method itself."""
    found: Json = {}
    if place := TASK_IDS.get(method):
        found |= {name: link(name, "task_id", place) for name in OF_A_TASK if name != method}
    if place := INPUT_HASHES.get(method):
        found["FindByDigest"] = link("FindByDigest", "input_hash", place)
    if method == "ListTasks":
        found["NextPage"] = link("ListTasks", "page_token", "/next_page_token")
    return found


def link(operation: str, parameter: str, place: str) -> Json:
    """Return a link to an operation, whose parameter is at a place of the answer's JSON."""
    return {"operationId": operation, "parameters": {parameter: f"$response.body#{place}"}}
