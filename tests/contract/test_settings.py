"""`.env.example` lists every variable that any part reads, with its true default."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.settings import Settings as StackSettings
from services.cache.roles import RoleSettings
from services.cache.settings import Settings as CacheSettings
from services.gateway.settings import GatewaySettings
from services.processor.settings import ProcessorSettings, WorkerSettings
from services.runtime.settings import Env, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / ".env.example"
COMPOSE = REPOSITORY / "deploy" / "compose" / "compose.yaml"
CHOICE = re.compile(r"\$\{([A-Z_]+):-")
LINE = re.compile(r"^(# )?([A-Z_]+)=(\S+)$", re.MULTILINE)


class Recorder(dict[str, str]):
    """An environment that remembers what it was asked for."""

    asked: set[str]

    def __init__(self, variables: Mapping[str, str] = {}) -> None:
        super().__init__(variables)
        self.asked = set()

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        # Any variable may come out of a file; some are files.
        if not (key.endswith("_FILE") and key.removesuffix("_FILE") in self.asked):
            self.asked.add(key)
        return super().get(key, default)


def read_all(environment: Recorder) -> list[object]:
    env = Env(environment)
    return [
        GatewaySettings.from_env(environment),
        ProcessorSettings.from_env(environment),
        WorkerSettings.from_env(environment),
        CacheSettings.from_env(env),
        RoleSettings.from_env(env),
        ServerSettings.from_env(env, "cache", 50053, 9103),
        StackSettings.from_env(environment),
    ]


def test_every_variable_is_in_the_example() -> None:
    environment = Recorder()

    read_all(environment)

    listed = {name for _, name, _ in LINE.findall(EXAMPLE.read_text())}
    assert environment.asked - listed == set()
    assert listed - environment.asked - set(CHOICE.findall(COMPOSE.read_text())) == set()


def test_the_values_of_the_example_are_the_defaults() -> None:
    values = {
        name: value for commented, name, value in LINE.findall(EXAMPLE.read_text()) if not commented
    }

    given, default = read_all(Recorder(values)), read_all(Recorder())

    assert [str(one) for one in given[:-1]] == [str(other) for other in default[:-1]]


def test_every_variable_has_a_sentence_or_a_heading() -> None:
    blocks = EXAMPLE.read_text().split("\n\n")

    assert all(block.startswith("#") for block in blocks)
