"""Asks whether this worker reaches what it works for: `python -m services.processor.probe`.

A worker serves nothing that could be asked, and one that ends takes its container with it; so what
is left to ask is whether Redis gives it tasks and the cache their inputs.
"""

from __future__ import annotations

import os
import sys

import redis

from services.runtime.probe import serves
from services.runtime.settings import Env, certificates

WITHIN = 2.0


def main() -> int:
    """Return 0 when both answer, else 1."""
    # Not by the worker's settings: they load all that draws, and this is run again and again.
    env = Env(os.environ)
    queue = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
    cache = env.text("CACHE_ADDRESS", "127.0.0.1:50053")
    return 0 if answers(queue) and serves(cache, WITHIN, certificates(env)) else 1


def answers(url: str) -> bool:
    """Return whether Redis answers."""
    with redis.Redis.from_url(url, socket_timeout=WITHIN, socket_connect_timeout=WITHIN) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


if __name__ == "__main__":
    sys.exit(main())
