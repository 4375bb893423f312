"""The running suite as a client sees it, with a few looks behind the door."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import psutil
import redis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from deploy.local.stack import Stack

SUBMIT = "/api/v1/frontal/crop/submit"
FINAL = ("SUCCESS", "FAILURE", "CANCELLED")
PATIENCE = 60.0
"""Seconds after which a condition that has not come is taken for never coming."""

T = TypeVar("T")


class Suite:
    """One running stack."""

    first_page = ""
    """What its metrics said before anything was asked."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.rest = httpx.Client(base_url=stack.url, timeout=PATIENCE, trust_env=False)

    @property
    def door(self) -> tuple[str, int]:
        """Where Envoy listens."""
        return "127.0.0.1", self.stack.settings.ports.api_port

    def address(self, part: str) -> str:
        """Return the gRPC address of a part; `envoy` is the door."""
        ports = self.stack.settings.ports
        port = ports.api_port if part == "envoy" else getattr(ports, f"{part}_port")
        return f"127.0.0.1:{port}"

    def submit(self, files: Mapping[str, bytes], **more: Any) -> dict[str, Any]:
        """Submit a form and return the answer."""
        return self.posted(self.rest.post(SUBMIT, files=dict(files), **more))

    def posted(self, answer: httpx.Response) -> dict[str, Any]:
        """Return the answer of a submission that was accepted."""
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def status(self, task_id: str) -> dict[str, Any]:
        """Return a task."""
        answer = self.rest.get(f"/api/v1/frontal/crop/status/{task_id}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def finished(self, task_id: str) -> dict[str, Any]:
        """Return a task once it is final."""
        return self.until(lambda: self.status(task_id), lambda task: task["status"] in FINAL)

    def svg(self, task_id: str) -> str:
        """Return the SVG of a finished task."""
        return base64.b64decode(self.finished(task_id)["result"]["svg"]).decode()

    def task_ids(self) -> set[str]:
        """Return the newest tasks that there are."""
        answer = self.rest.get("/api/v1/tasks", params={"page_size": 1000})
        return {task["task_id"] for task in answer.json()["tasks"]}

    def uploads(self) -> float:
        """Return how many uploads the gateway has begun."""
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in self.rest.get("/metrics").text.splitlines()
            if line.startswith("grpc_server_started_total") and "GatewayService/Submit" in line
        )

    def settle(self) -> None:
        """Wait until no submission is under way in the gateway or the processor."""
        self.until(self._under_way, lambda count: count == 0)

    def _under_way(self) -> float:
        begun = ended = 0.0
        for line in self.rest.get("/metrics").text.splitlines():
            if "/Submit" in line and line.startswith("grpc_server_started_total"):
                begun += float(line.rsplit(" ", 1)[1])
            if "/Submit" in line and line.startswith("grpc_server_handled_total"):
                ended += float(line.rsplit(" ", 1)[1])
        return begun - ended

    def memory(self, *parts: str) -> int:
        """Return the bytes of memory that parts hold."""
        return sum(self.process(part).memory_info().rss for part in parts)

    def process(self, part: str) -> psutil.Process:
        """Return the process of a part."""
        identity = self.stack.part(part).process
        assert identity is not None
        return psutil.Process(identity.pid)

    def redis_bytes_received(self) -> int:
        """Return how much Redis was ever sent."""
        with redis.Redis.from_url(self.stack.environment["REDIS_URL"]) as client:
            info: dict[str, int] = client.info("stats")
            return info["total_net_input_bytes"]

    @staticmethod
    def until(look: Callable[[], T], holds: Callable[[T], bool]) -> T:
        """Return what `look` sees once it is as it should be; fail with what it saw last."""
        deadline = time.monotonic() + PATIENCE
        while not holds(found := look()):
            assert time.monotonic() < deadline, f"waited {PATIENCE:g} s in vain; last: {found}"
            time.sleep(0.02)
        return found
