"""Answers from the cache, beside a sink that drops the same upload."""

from __future__ import annotations

import base64
import json
import statistics
from collections import defaultdict
from typing import TYPE_CHECKING

import cpu
import load
from figures import Figure, at_least, at_most
from photos import BOUNDARY, FACE, Form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from targets import Target

SUBMIT = "/api/v1/frontal/crop/submit"
LOOKUP = "/api/v1/frontal/crop/lookup/"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY.decode()}"

DISTINCT = 1000
"""Photos that the cache knows: a hit of one that was just asked for says less."""
ROUNDS = 3
SECONDS = 2.0
CONNECTIONS = (1, 8, 64)


def form_request(form: Form, number: int) -> load.Request:
    """Return the submission of a photo as a form."""
    return load.post(SUBMIT, FORM_TYPE, form.pieces(number))


def json_request(form: Form, number: int) -> load.Request:
    """Return the submission of a photo as JSON."""
    body = {
        "image": base64.b64encode(form.photo(number)).decode(),
        "landmarks": json.loads((FACE / "landmarks.json").read_text()),
    }
    return load.post(SUBMIT, "application/json", [json.dumps(body).encode()])


def measure(
    suite: Target, asking: Target, sink: Target, form: Form, input_hash: str
) -> Iterator[Figure]:
    """Yield all figures; photos 0 to `DISTINCT` must be drawn already.

    `asking` is a gateway that keeps nothing: what it is asked for Postgres alone knows.
    """
    one_json = json_request(form, 0)
    ways: dict[str, tuple[Target, Callable[[int], load.Request]]] = {
        "sink": (sink, lambda number: form_request(form, number % DISTINCT)),
        "known": (asking, lambda number: form_request(form, number % DISTINCT)),
        "kept": (suite, lambda number: form_request(form, number % DISTINCT)),
        "warm": (suite, lambda _: form_request(form, 0)),
        "json": (suite, lambda _: one_json),
        "digest": (suite, lambda _: load.get(LOOKUP + input_hash)),
    }
    # What the suite keeps it was asked for before.
    load.drive(suite.address, ways["kept"][1], connections=8, count=DISTINCT)
    for connections in CONNECTIONS:
        rounds: dict[str, list[load.Load]] = defaultdict(list)
        spent: dict[str, list[dict[str, float]]] = defaultdict(list)
        for _ in range(ROUNDS):  # ways take turns: the machine's speed drifts
            for way, (target, request) in ways.items():
                with cpu.spent(target.pids) as used:
                    rounds[way].append(
                        load.drive(
                            target.address, request, connections=connections, seconds=SECONDS
                        )
                    )
                spent[way].append(used)
        yield from figures(rounds, spent, connections)


def figures(
    rounds: dict[str, list[load.Load]],
    spent: dict[str, list[dict[str, float]]],
    connections: int,
) -> Iterator[Figure]:
    """Yield what the rounds at one number of connections say."""
    group = f"hits, {connections} connection{'s' * (connections > 1)}"
    rate = {way: median([one.rate for one in loads]) for way, loads in rounds.items()}
    for way, loads in rounds.items():
        yield Figure(group, f"{way}: answers", rate[way], "/s")
        for share in (0.5, 0.95, 0.99):
            value = median([one.quantile(share) for one in loads])
            yield goal_of_time(Figure(group, f"{way}: p{share * 100:g}", value, "ms"), connections)
        yield Figure(group, f"{way}: CPU", cpu_ms(loads, spent[way]), "ms")
        for part in spent[way][0]:
            only = [{part: used[part]} for used in spent[way]]
            yield Figure(group, f"{way}: CPU of {part}", cpu_ms(loads, only), "ms")
        refused = sum(one.refused for one in loads)
        yield at_most(Figure(group, f"{way}: not 200", refused, ""), 0)
    for way, least in (("known", 0.45), ("kept", 0.65), ("warm", 0.65)):
        ratio = Figure(group, f"{way} / sink", rate[way] / rate["sink"], "")
        yield at_least(ratio, least) if connections == 8 else ratio
        if connections == 1:
            times = [median([one.quantile(0.5) for one in rounds[name]]) for name in (way, "sink")]
            yield at_most(Figure(group, f"{way} / sink, p50", times[0] / times[1], ""), 2)
    for way in ("known", "kept"):
        yield at_least(Figure(group, f"digest / {way}", rate["digest"] / rate[way], ""), 2.5)


def goal_of_time(figure: Figure, connections: int) -> Figure:
    """Return the figure with its goal, where it has one."""
    limits = {"known: p50": 8.0, "kept: p50": 8.0, "digest: p50": 2.5}
    if connections == 1 and figure.name in limits:
        return at_most(figure, limits[figure.name])
    return figure


def cpu_ms(loads: Sequence[load.Load], spent: Sequence[dict[str, float]]) -> float:
    """Return milliseconds of CPU that an answer took in all processes."""
    total = sum(sum(used.values()) for used in spent)
    return total / sum(len(one.times) for one in loads) * 1000


def median(values: Sequence[float]) -> float:
    """Return the middle of some rounds."""
    return statistics.median(values)
