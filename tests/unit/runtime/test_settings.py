"""Settings out of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.runtime.settings import Env, LogSettings, ServerSettings, SettingError, traces

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", "99999999999"])
def test_a_bad_number_is_named_with_its_variable_and_what_would_be_right(value: str) -> None:
    with pytest.raises(SettingError) as caught:
        Env({"CACHE_PORT": value}).integer("CACHE_PORT", 1, maximum=65_535)

    assert str(caught.value) == f"CACHE_PORT='{value}' is not a whole number from 0 to 65535"


def test_nan_is_not_a_number() -> None:
    with pytest.raises(SettingError, match="CACHE_TTL_HOURS='nan' is not a number from 0"):
        Env({"CACHE_TTL_HOURS": "nan"}).number("CACHE_TTL_HOURS", 24)


def test_an_empty_variable_counts_as_absent() -> None:
    assert Env({"REDIS_URL": ""}).text("REDIS_URL", "redis://") == "redis://"


@pytest.mark.parametrize(("value", "expected"), [("yes", True), ("OFF", False), ("1", True)])
def test_flags_understand_the_usual_words(value: str, expected: bool) -> None:
    assert Env({"DEBUG": value}).flag("DEBUG", not expected) is expected


def test_a_word_that_is_no_choice_is_refused_with_the_choices() -> None:
    with pytest.raises(SettingError, match="LOG_FORMAT='xml' is not one of auto, rich, json"):
        LogSettings.from_env(Env({"LOG_FORMAT": "xml"}))


def test_debug_is_the_level_debug() -> None:
    assert LogSettings.from_env(Env({"DEBUG": "true"})).level == "DEBUG"


def test_every_service_has_its_own_variables() -> None:
    env = Env({"CACHE_PORT": "7", "GATEWAY_PORT": "8", "CACHE_HOST": "0.0.0.0"})  # noqa: S104

    settings = ServerSettings.from_env(env, "cache", 50053, 9103)

    assert (settings.host, settings.port, settings.metrics_port) == ("0.0.0.0", 7, 9103)  # noqa: S104


def test_a_secret_comes_out_of_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql://a:b@c/d\n")
    env = Env({"DATABASE_URL": "", "DATABASE_URL_FILE": str(secret)})

    assert env.text("DATABASE_URL", "default") == "postgresql://a:b@c/d"


def test_a_variable_wins_over_its_file(tmp_path: Path) -> None:
    env = Env({"REDIS_URL": "redis://a", "REDIS_URL_FILE": str(tmp_path / "missing")})

    assert env.text("REDIS_URL", "default") == "redis://a"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    env = Env({"REDIS_URL_FILE": str(tmp_path / "missing")})

    with pytest.raises(SettingError, match=r"REDIS_URL_FILE=.*missing"):
        env.text("REDIS_URL", "default")


ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317"}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        (ENDPOINT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4317"}, True),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "true"}, False),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
    ids=["unasked", "endpoint", "endpoint of traces", "disabled", "no exporter"],
)
def test_there_are_traces_where_the_standard_variables_ask(
    variables: dict[str, str], expected: bool
) -> None:
    assert traces(Env(variables)) is expected


def test_traces_that_cannot_be_had_are_refused_with_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.runtime.settings.TRACE_LIBRARY", "opentelemetry_absent.exporter")

    with pytest.raises(SettingError) as refused:
        traces(Env(ENDPOINT))

    assert str(refused.value) == (
        "OTEL_EXPORTER_OTLP_ENDPOINT='http://127.0.0.1:4317' is not of use without OpenTelemetry; "
        "install 'facesvg[tracing]'"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
    ],
)
def test_what_a_trace_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name}='{value}' is not"):
        traces(Env({**ENDPOINT, name: value}))
