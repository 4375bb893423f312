"""Clients that ask as fast as they are answered, over HTTP/1.1 and sockets of their own.

A client in Python that does more than write bytes and read lengths would itself be measured.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Request = Sequence[bytes]

OK = b"200"


@dataclass
class Load:
    """What came of it: seconds of each answer, and how many were not a 200."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """Return the milliseconds that `share` of the answers did not exceed."""
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def drive(
    address: tuple[str, int],
    request: Callable[[int], Request],
    *,
    connections: int,
    seconds: float = 0.0,
    count: int = 0,
) -> Load:
    """Ask over some connections for some seconds, or `count` times; `request` makes the n-th."""
    load = Load()
    lock = threading.Lock()
    numbers = iter(range(count)) if count else iter(range(1 << 40))
    deadline = time.perf_counter() + seconds if seconds else float("inf")
    began = time.perf_counter()

    def ask() -> None:
        times, refused = [], 0
        with socket.create_connection(address, timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.perf_counter() < deadline:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    break
                asked = time.perf_counter()
                status, _ = exchange(connection, request(number))
                times.append(time.perf_counter() - asked)
                refused += status != OK
        with lock:
            load.times += times
            load.refused += refused

    clients = [threading.Thread(target=ask) for _ in range(connections)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    load.seconds = time.perf_counter() - began
    return load


def exchange(connection: socket.socket, request: Request) -> tuple[bytes, bytes]:
    """Send one request on a connection that stays open; return status and body of the answer."""
    for piece in request:
        connection.sendall(piece)
    received = connection.recv(65536)
    while (end := received.find(b"\r\n\r\n")) < 0:
        more = connection.recv(65536)
        if not more:
            raise ConnectionResetError(f"the answer ended after {received[:100]!r}")
        received += more
    head, body = received[:end].lower(), received[end + 4 :]
    status = head[9:12]
    if b"transfer-encoding: chunked" in head:
        while not body.endswith(b"0\r\n\r\n"):
            body += connection.recv(65536)
        return status, unchunked(body)
    at = head.index(b"content-length:") + len(b"content-length:")
    length = int(head[at : head.find(b"\r", at) if head.find(b"\r", at) > 0 else None])
    while len(body) < length:
        body += connection.recv(65536)
    return status, body


def unchunked(body: bytes) -> bytes:
    """Return a body that came in chunks, without their lengths."""
    pieces: list[bytes] = []
    at = 0
    while True:
        end = body.index(b"\r\n", at)
        length = int(body[at:end], 16)
        if not length:
            return b"".join(pieces)
        pieces.append(body[end + 2 : end + 2 + length])
        at = end + 2 + length + 2


def get(path: str) -> Request:
    """Return a request without a body."""
    return [f"GET {path} HTTP/1.1\r\nhost: facesvg\r\n\r\n".encode()]


def post(path: str, content_type: str, pieces: Sequence[bytes]) -> Request:
    """Return a request with a body."""
    length = sum(map(len, pieces))
    head = f"POST {path} HTTP/1.1\r\nhost: facesvg\r\ncontent-type: {content_type}\r\n"
    return [f"{head}content-length: {length}\r\n\r\n".encode(), *pieces]
