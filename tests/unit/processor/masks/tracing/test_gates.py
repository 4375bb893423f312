"""Chords pass between pixel centres."""

from __future__ import annotations

import numpy as np

from services.processor.masks.tracing import gates


def _chords(points: list[complex], gate: complex) -> set[tuple[int, int]]:
    walk = np.array(points)
    finish = np.full(len(walk), len(walk) - 1)
    i, j = gates.chords(walk, np.full(len(walk), gate), finish)
    return set(zip(i.tolist(), j.tolist(), strict=True))


def test_a_straight_walk_needs_one_chord() -> None:
    assert (0, 4) in _chords([0, 2, 4, 6, 8], -1j)


def test_a_chord_may_not_miss_a_gate() -> None:
    assert (0, 2) not in _chords([0, 2 + 1.5j, 4], -1j)


def test_a_chord_may_pass_beside_a_middle() -> None:
    assert (0, 2) in _chords([0, 2 + 0.9j, 4], -1j)


def test_arcs_are_not_mixed() -> None:
    points, finish = np.array([0, 2, 4, 100, 102.0 + 0j]), np.array([2, 2, 2, 4, 4])

    i, j = gates.chords(points, np.full(5, -1j), finish)

    assert (finish[i] == finish[j]).all()


def test_work_grows_with_the_length_only() -> None:
    count = 5 * gates.LOOK_AHEAD

    found = _chords([complex(2 * k) for k in range(count)], -1j)

    assert max(j - i for i, j in found) == gates.LOOK_AHEAD
    assert len(found) <= count * (gates.LONGEST + 1)
