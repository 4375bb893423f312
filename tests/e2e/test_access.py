"""A suite that asks who calls: keys and tokens, TLS at the door, mutual TLS between the parts."""

from __future__ import annotations

import io
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import grpc
import httpx
import pytest
from e2e.test_grpc import messages
from faces import face, fresh
from fixtures.browser import headless, visit
from fixtures.tokens import ISSUER as NAME
from fixtures.tokens import Issuer
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from PIL import Image
from playwright.sync_api import expect
from suite import Suite

from deploy import certificates
from deploy.local.errors import StackError
from deploy.local.ports import Ports
from deploy.local.rest import Rest
from deploy.local.settings import Settings
from deploy.local.stack import Stack
from facesvg.v1 import cache_pb2, cache_pb2_grpc
from facesvg.v1 import gateway_pb2_grpc as rpc
from facesvg_client import Client, Forbidden, NotFound, Unauthenticated
from services.gateway.access.keys import digest_of, new_secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

ANA, BEA, ROOT, SLOW = (new_secret() for _ in range(4))
ISSUER = Issuer()
KEYS = f"""
ana sha256={digest_of(ANA).hex()} tenant=studio
bea sha256={digest_of(BEA).hex()} tenant=press
root sha256={digest_of(ROOT).hex()} tenant=studio scopes=draw,admin
slow sha256={digest_of(SLOW).hex()} rate=0.001 quota=1
"""
HOPPER = face("hopper")
CROP = "/api/v1/frontal/crop"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guarded")


@pytest.fixture(scope="module")
def guarded(home: Path) -> Iterator[Suite]:
    (home / "keys").write_text(KEYS)
    environment = {
        **certificates.make(home / "certs"),
        "API_KEYS_FILE": str(home / "keys"),
        "JWT_JWKS_FILE": str(ISSUER.publish(home / "jwks.json")),
        "JWT_ISSUER": NAME,
        "LOG_FORMAT": "json",
        "WORKER_PROCESSES": "1",
    }
    settings = Settings.from_env(environment).on(Ports.free())
    trusted = ssl.create_default_context(cafile=home / "certs" / "ca.pem")
    with Stack(home / "stack", settings) as stack:
        suite = Suite(stack)
        suite.rest = httpx.Client(
            base_url=stack.url, verify=trusted, timeout=60, trust_env=False, http2=True
        )
        yield suite
        suite.rest.close()


@pytest.fixture
def native(guarded: Suite, home: Path) -> Iterator[grpc.Channel]:
    trusted = grpc.ssl_channel_credentials((home / "certs" / "ca.pem").read_bytes())
    with grpc.secure_channel(guarded.address("envoy"), trusted) as channel:
        yield channel


def info(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["details"][0]
    return found


def test_the_python_client_draws_over_tls_with_a_key(guarded: Suite, home: Path) -> None:
    authorities = home / "certs" / "ca.pem"
    photo = fresh(HOPPER, 6001)

    with Client(guarded.stack.url, api_key=ANA, ca=authorities) as client:
        drawing = client.draw(photo.photo, photo.landmarks)
        with pytest.raises(Forbidden, match="admin"):
            client.stats()
    with (
        Client(guarded.stack.url, api_key=BEA, ca=authorities) as other,
        pytest.raises(NotFound),
    ):
        other.status(drawing.task_id)
    with Client(guarded.stack.url, ca=authorities) as nobody, pytest.raises(Unauthenticated):
        nobody.recent()


def test_one_face_is_drawn_over_tls(guarded: Suite) -> None:
    assert guarded.stack.url.startswith("https://")

    answer = guarded.rest.post(f"{CROP}/render", files=HOPPER.files, headers={"x-api-key": ANA})

    assert answer.status_code == 200, answer.text
    assert answer.http_version == "HTTP/2"
    assert answer.text.startswith("<svg")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_one_face_is_drawn_over_native_grpc_and_tls(native: grpc.Channel) -> None:
    gateway = rpc.GatewayServiceStub(native)
    metadata = (("authorization", f"Bearer {ANA}"),)

    submitted = gateway.Submit(messages(HOPPER, min_area=9), metadata=metadata)
    request = cache_pb2.WatchTaskRequest(task_id=submitted.task_id)
    tasks = list(gateway.WatchTask(request, metadata=metadata))

    assert tasks[-1].result.svg.startswith(b"<svg")


@pytest.mark.parametrize(
    ("headers", "status", "reason"),
    [
        ({}, 401, "API_KEY_MISSING"),
        ({"x-api-key": ""}, 401, "API_KEY_MISSING"),
        ({"authorization": "Basic YTpi"}, 401, "API_KEY_MISSING"),
        ({"x-api-key": ANA[:-1]}, 401, "API_KEY_INVALID"),
        ({"authorization": f"Bearer {ANA}x"}, 401, "API_KEY_INVALID"),
        ({"x-token-tenant": "studio"}, 401, "API_KEY_MISSING"),
        ({"authorization": f"Bearer {ISSUER.token('eve', seconds=-60)}"}, 401, "API_KEY_INVALID"),
        (
            {"authorization": f"Bearer {ISSUER.token('eve', issuer='https://evil')}"},
            401,
            "API_KEY_INVALID",
        ),
        ({"authorization": f"Bearer {Issuer().token('eve')}"}, 401, "API_KEY_INVALID"),
    ],
)
def test_a_stranger_gets_no_further(
    guarded: Suite, headers: dict[str, str], status: int, reason: str
) -> None:
    for answer in (
        guarded.rest.get("/api/v1/tasks", headers=headers),
        guarded.rest.post(f"{CROP}/submit", files=HOPPER.files, headers=headers),
    ):
        assert (answer.status_code, info(answer)["reason"]) == (status, reason)


def test_a_key_may_be_a_bearer_and_so_may_a_token(guarded: Suite) -> None:
    for secret in (ANA, ISSUER.token("studio")):
        answer = guarded.rest.get("/api/v1/tasks", headers={"authorization": f"Bearer {secret}"})
        assert answer.status_code == 200, answer.text


def test_a_token_cannot_be_an_operator(guarded: Suite) -> None:
    headers = {"authorization": f"Bearer {ISSUER.token('root')}"}

    assert guarded.rest.get("/metrics", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "/api/v1/cache/cleanup"),
        ("GET", "/api/v1/cache/stats"),
        ("GET", "/api/v1/database/health"),
        ("GET", "/metrics"),
    ],
)
def test_what_is_the_operators_needs_the_scope(guarded: Suite, verb: str, path: str) -> None:
    refused = guarded.rest.request(verb, path, headers={"x-api-key": ANA})

    assert refused.status_code == 403
    told = info(refused)["metadata"]
    assert (told["key"], told["scope"]) == ("ana", "admin")
    assert guarded.rest.request(verb, path, headers={"x-api-key": ROOT}).status_code == 200


def test_health_is_open(guarded: Suite, native: grpc.Channel) -> None:
    assert guarded.rest.get("/health").status_code == 200
    assert guarded.rest.get("/envoy/ready").status_code == 200
    request = health_pb2.HealthCheckRequest()
    assert health_pb2_grpc.HealthStub(native).Check(request).status == 1


def test_a_key_that_did_all_it_may_is_told_when_to_come_again(
    guarded: Suite, native: grpc.Channel
) -> None:
    headers = {"x-api-key": SLOW}
    assert guarded.rest.get("/api/v1/regions", headers=headers).status_code == 200

    answer = guarded.rest.get("/api/v1/regions", headers=headers)
    with pytest.raises(grpc.RpcError) as caught:
        rpc.GatewayServiceStub(native).ListTasks(
            cache_pb2.ListTasksRequest(), metadata=tuple(headers.items())
        )

    assert (answer.status_code, info(answer)["reason"]) == (429, "RATE_LIMITED")
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    retry = error_details_pb2.RetryInfo()
    status = rpc_status.from_call(caught.value)
    assert status is not None
    assert any(detail.Unpack(retry) for detail in status.details)
    assert 0 < retry.retry_delay.seconds <= 1000


def test_keys_change_without_a_restart(guarded: Suite, home: Path) -> None:
    new = new_secret()
    with (home / "keys").open("a") as file:
        file.write(f"new sha256={digest_of(new).hex()}\n")

    def status() -> int:
        return guarded.rest.get("/api/v1/tasks", headers={"x-api-key": new}).status_code

    guarded.until(status, lambda found: found == 200)


def test_the_same_photo_of_two_tenants_is_drawn_for_each(guarded: Suite) -> None:
    files, first = fresh(HOPPER, 2).files, {"x-api-key": ANA}

    ana = guarded.posted(guarded.rest.post(f"{CROP}/submit", files=files, headers=first))
    bea = guarded.posted(
        guarded.rest.post(f"{CROP}/submit", files=files, headers={"x-api-key": BEA})
    )
    again = guarded.posted(guarded.rest.post(f"{CROP}/submit", files=files, headers=first))

    assert again["task_id"] == ana["task_id"]
    assert bea["task_id"] != ana["task_id"]
    assert not bea["cache_hit"]


def test_a_photo_that_looks_the_same_is_answered_with_a_tenants_own_drawing(
    guarded: Suite,
) -> None:
    with Image.open(io.BytesIO(HOPPER.photo)) as photo:
        out = io.BytesIO()
        photo.save(out, "PNG")
    options = {"similarity": "10", "id_prefix": "tenants"}

    def submitted(key: str, files: dict[str, bytes]) -> dict[str, Any]:
        headers = {"x-api-key": key}
        return guarded.posted(
            guarded.rest.post(f"{CROP}/submit", files=files, data=options, headers=headers)
        )

    def status(task_id: str) -> Any:
        answer = guarded.rest.get(f"{CROP}/status/{task_id}", headers={"x-api-key": ANA})
        return answer.json()["status"]

    ana = submitted(ANA, HOPPER.files)["task_id"]
    guarded.until(lambda: status(ana), lambda found: found == "SUCCESS")
    anew = HOPPER.files | {"image": out.getvalue()}

    bea = submitted(BEA, anew)
    same = submitted(ANA, anew)

    assert (same["task_id"], same["cache_match"]) == (ana, "SIMILAR")
    assert bea["task_id"] != ana
    assert (bea["cache_hit"], bea["cache_match"]) == (False, "")


def test_a_task_is_its_tenants_alone(guarded: Suite, native: grpc.Channel) -> None:
    ana, bea = {"x-api-key": ANA}, {"x-api-key": BEA}
    files = fresh(HOPPER, 3).files
    task = guarded.posted(guarded.rest.post(f"{CROP}/submit", files=files, headers=ana))
    task_id, input_hash = task["task_id"], task["input_hash"]

    def status(headers: dict[str, str]) -> Any:
        return guarded.rest.get(f"{CROP}/status/{task_id}", headers=headers).json()["status"]

    guarded.until(lambda: status(ana), lambda found: found == "SUCCESS")
    gateway, metadata = rpc.GatewayServiceStub(native), tuple(bea.items())
    with pytest.raises(grpc.RpcError) as caught:
        list(gateway.WatchTask(cache_pb2.WatchTaskRequest(task_id=task_id), metadata=metadata))

    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    for verb, path in (
        ("GET", f"{CROP}/status/{task_id}"),
        ("GET", f"{CROP}/svg/{task_id}"),
        ("GET", f"{CROP}/lookup/{input_hash}"),
        ("POST", f"{CROP}/cancel/{task_id}"),
        ("DELETE", f"{CROP}/{task_id}"),
    ):
        refused = guarded.rest.request(verb, path, headers=bea)
        assert refused.status_code == 404, (path, refused.text)
    for path in ("/api/v1/tasks?page_size=1000", "/api/v1/cache/recent?limit=1000"):
        assert task_id not in guarded.rest.get(path, headers=bea).text
        assert task_id in guarded.rest.get(path, headers=ana).text
    assert guarded.rest.get(f"{CROP}/lookup/{input_hash}", headers=ana).status_code == 200


def test_an_operator_erases_anybodys_task(guarded: Suite) -> None:
    files = fresh(HOPPER, 4).files
    bea, root = {"x-api-key": BEA}, {"x-api-key": ROOT, "x-tenant": "press"}
    task = guarded.posted(guarded.rest.post(f"{CROP}/submit", files=files, headers=bea))

    refused = guarded.rest.delete(
        f"{CROP}/{task['task_id']}", headers={"x-api-key": ANA, "x-tenant": "press"}
    )
    erased = guarded.rest.delete(f"{CROP}/{task['task_id']}", headers=root)

    assert (refused.status_code, info(refused)["reason"]) == (403, "SCOPE_MISSING")
    assert erased.status_code == 200, erased.text
    assert guarded.rest.get(f"{CROP}/status/{task['task_id']}", headers=bea).status_code == 404


@pytest.mark.parametrize("part", ["gateway", "processor", "cache"])
def test_a_service_turns_away_who_is_no_part_of_the_suite(
    guarded: Suite, home: Path, part: str
) -> None:
    certs = home / "certs"
    ca = (certs / "ca.pem").read_bytes()
    door = ((certs / "door.key").read_bytes(), (certs / "door.pem").read_bytes())
    strangers = [
        grpc.insecure_channel(guarded.address(part)),
        grpc.secure_channel(guarded.address(part), grpc.ssl_channel_credentials(ca)),
        # Signed by the right authority, and for clients of the door only.
        grpc.secure_channel(guarded.address(part), grpc.ssl_channel_credentials(ca, *door)),
    ]
    for channel in strangers:
        with channel, pytest.raises(grpc.RpcError) as caught:
            health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_a_part_of_the_suite_is_served(guarded: Suite) -> None:
    shown = guarded.stack.settings.certificates
    assert shown is not None
    with grpc.secure_channel(guarded.address("cache"), shown.channel()) as channel:
        stats = cache_pb2_grpc.CacheServiceStub(channel).GetStats(cache_pb2.GetStatsRequest(days=1))
    assert stats.stats.days == 1


def test_the_commands_of_the_stack_have_a_key_too(guarded: Suite, home: Path) -> None:
    door = Rest(guarded.stack.url, ROOT, str(home / "certs" / "door.pem"))

    assert door.json("/api/v1/cache/stats?days=1")["days"] == 1
    with pytest.raises(StackError):  # another door's certificate
        Rest(guarded.stack.url, ROOT, str(home / "certs" / "suite.pem")).get("/health")


def test_the_playground_asks_for_a_key_and_draws_with_it(guarded: Suite) -> None:
    url = f"{guarded.stack.url}/?sample=hopper"
    with (
        headless() as browser,
        visit(browser, url, troubles="status of 401", ignore_https_errors=True) as page,
    ):
        key = page.get_by_label("API key")
        key.fill(f"{ANA}wrong")
        page.get_by_role("button", name="Use it").click()
        expect(page.locator("#key-fault")).to_contain_text("not valid")
        key.fill(ANA)
        page.get_by_role("button", name="Use it").click()

        expect(page.locator("#said")).to_contain_text("27 regions")
        expect(page.locator("#curl")).to_contain_text("x-api-key: $FACESVG_KEY")
        assert ANA not in page.content()


def test_no_log_has_a_key_or_a_token_or_a_photo(guarded: Suite) -> None:
    token = ISSUER.token("studio")
    for headers in ({"x-api-key": ANA}, {"authorization": f"Bearer {token}"}):
        guarded.rest.post(f"{CROP}/submit", files=HOPPER.files, headers=headers)
        guarded.rest.get("/api/v1/tasks", headers=headers)
        guarded.rest.get(f"{CROP}/status/none", headers=headers)
    guarded.rest.get("/api/v1/tasks", headers={"x-api-key": f"{ANA}wrong"})

    logs = b"".join(
        log.read_bytes() for log in guarded.stack.layout.root.rglob("*.log") if log.is_file()
    )

    assert b"/facesvg.v1.GatewayService/ListTasks" in logs
    for secret in (ANA.encode(), ROOT.encode(), token.encode(), digest_of(ANA).hex().encode()):
        assert secret not in logs
    assert HOPPER.photo[200:232] not in logs


def test_the_monitor_is_the_operators(guarded: Suite, home: Path) -> None:
    door = (guarded.stack.url, "--certificate", str(home / "certs" / "door.pem"), "--once")
    command = [sys.executable, "-m", "deploy.monitor", "--interval", "0.1", "--url", *door]

    ours, theirs = (
        subprocess.run([*command, "--key", key], capture_output=True, text=True, check=False)
        for key in (ROOT, ANA)
    )

    assert (ours.returncode, theirs.returncode) == (0, 3)
    assert "● gateway" in ours.stdout
    assert "GET /metrics: 403" in theirs.stderr
