"""Answers from the cache over native gRPC: with an upload, and with digests first."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import TYPE_CHECKING

import cpu
import grpc
from figures import Figure, at_least
from load import Load
from photos import FACE, Form

from facesvg.v1 import gateway_pb2, gateway_pb2_grpc, upload_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from targets import Target

    from facesvg.v1.gateway_pb2_grpc import GatewayServiceStub

CONNECTIONS = (1, 8, 64)
SECONDS = 2.0
CHUNK_BYTES = 256 * 1024


def measure(suite: Target, form: Form) -> Iterator[Figure]:
    """Yield the figures of photo 0, which must be drawn already."""
    photo, landmarks = form.photo(0), (FACE / "landmarks.json").read_bytes()
    asked = gateway_pb2.FindByInputsRequest(
        image_sha256=hashlib.sha256(photo).digest(), landmarks=landmarks
    )
    ways: dict[str, Callable[[GatewayServiceStub], bool]] = {
        "upload": lambda stub: stub.Submit(upload(photo, landmarks)).cache_hit,
        "digests": lambda stub: stub.FindByInputs(asked).cache_hit,
    }
    for connections in CONNECTIONS:
        group = f"native hits, {connections} connection{'s' * (connections > 1)}"
        rate = {}
        for way, call in ways.items():
            with cpu.spent(suite.pids) as used:
                done = drive(suite.address, call, connections)
            used.pop("client")
            rate[way] = done.rate
            yield Figure(group, f"{way}: answers", done.rate, "/s")
            for share in (0.5, 0.95, 0.99):
                yield Figure(group, f"{way}: p{share * 100:g}", done.quantile(share), "ms")
            spent = sum(used.values()) / len(done.times) * 1000
            yield Figure(group, f"{way}: CPU without the client", spent, "ms")
            yield Figure(group, f"{way}: no hit", done.refused, "")
        yield at_least(Figure(group, "digests / upload", rate["digests"] / rate["upload"], ""), 2.5)


def upload(photo: bytes, landmarks: bytes) -> Iterator[gateway_pb2.SubmitRequest]:
    """Yield a submission."""
    yield gateway_pb2.SubmitRequest(header=gateway_pb2.SubmitHeader())
    parts = ((upload_pb2.PART_LANDMARKS, landmarks), (upload_pb2.PART_IMAGE, photo))
    for part, data in parts:
        for start in range(0, len(data), CHUNK_BYTES):
            chunk = upload_pb2.Chunk(part=part, data=data[start : start + CHUNK_BYTES])
            yield gateway_pb2.SubmitRequest(chunk=chunk)
    yield gateway_pb2.SubmitRequest(finish=upload_pb2.Finish())


def drive(
    address: tuple[str, int], call: Callable[[GatewayServiceStub], bool], connections: int
) -> Load:
    """Call over some connections, one call at a time on each; what is no hit counts as refused."""
    load, lock = Load(), threading.Lock()
    began = time.perf_counter()

    def ask(number: int) -> None:
        times, refused = [], 0
        own = [("bench.connection", number)]  # else channels with equal options share one
        with grpc.insecure_channel("{}:{}".format(*address), own) as channel:
            stub = gateway_pb2_grpc.GatewayServiceStub(channel)
            while time.perf_counter() - began < SECONDS:
                asked = time.perf_counter()
                refused += not call(stub)
                times.append(time.perf_counter() - asked)
        with lock:
            load.times += times
            load.refused += refused

    clients = [threading.Thread(target=ask, args=(number,)) for number in range(connections)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    load.seconds = time.perf_counter() - began
    return load
