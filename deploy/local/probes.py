"""Questions that tell whether a server answers.

The clients are loaded where they are used: they take half a second, which the commands that only
look or stop can do without.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import http.client
import os
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import redis
    from google.protobuf.message import Message

    from services.runtime.tls import Certificates

WITHIN = 1.0


def postgres(url: str) -> bool:
    """Return whether Postgres runs a statement."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=2, autocommit=True) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def redis_server(url: str) -> bool:
    """Return whether Redis answers PING."""
    import redis

    with redis_client(url) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def workers(url: str, since: float) -> int:
    """Return how many queue clients were heard of since a time (seconds since the epoch)."""
    import redis

    with redis_client(url) as client:
        try:
            return int(client.zcount("dramatiq:__heartbeats__", since * 1000, "+inf"))
        except redis.RedisError:
            return 0


def redis_client(url: str) -> redis.Redis:
    """Return a client that asks once."""
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    once = Retry(NoBackoff(), retries=0)
    return redis.Redis.from_url(
        url, socket_timeout=WITHIN, socket_connect_timeout=WITHIN, retry=once
    )


def grpc_health(address: str, certificates: Certificates | None = None) -> bool:
    """Return whether a service says that it is serving; asked with a certificate where it must."""
    # The keeper starts Postgres anew as another account, which forks; gRPC's handlers, which it
    # sets up when it is imported, would break the child now and then.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    request: Message = health_pb2.HealthCheckRequest()
    options = [("grpc.enable_http_proxy", 0)]
    with (
        grpc.insecure_channel(address, options)
        if certificates is None
        else grpc.secure_channel(address, certificates.channel(), options)
    ) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=WITHIN)
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def http_status(host: str, port: int, path: str, *, is_tls: bool = False) -> int:
    """Return the status that a path answers with; 0 when there is no answer."""
    connection: http.client.HTTPConnection
    if is_tls:
        # Whoever it is: this asks whether a part of our own answers, and tells it nothing.
        anyone = ssl.create_default_context()
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, port, timeout=WITHIN, context=anyone)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=WITHIN)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
