"""Counting requests as clients make them."""

from __future__ import annotations

from services.gateway.traffic import HTTP, METHODS, ROUTES, SERVICE


def test_every_method_with_a_route_is_known_by_its_verb_and_path() -> None:
    submit = ROUTES[f"/{SERVICE.full_name}/SubmitForm"]
    erase = ROUTES[f"/{SERVICE.full_name}/DeleteTask"]

    assert submit == ("POST", "/api/v1/frontal/crop/submit")
    assert erase == ("DELETE", "/api/v1/frontal/crop/{task_id}")
    assert set(ROUTES) <= METHODS


def test_statuses_are_told_as_the_door_tells_them() -> None:
    assert (HTTP["OK"], HTTP["NOT_FOUND"], HTTP["RESOURCE_EXHAUSTED"]) == ("200", "404", "429")
