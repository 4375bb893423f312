"""The ways between the parts of a stack, led through a proxy."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from faults.proxy import Proxy

from deploy.envoy.door import Door
from deploy.local import door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite import Suite


@contextmanager
def between(suite: Suite, caller: str, callee: str) -> Iterator[Proxy]:
    """Lead the calls of one part to another through a proxy, within the block."""
    stack = suite.stack
    port = getattr(stack.settings.ports, f"{callee}_port")
    keeper = stack.part(caller)
    environment, part = dict(keeper._environment), keeper.part
    with Proxy(port) as proxy:
        keeper._environment[f"{callee.upper()}_ADDRESS"] = proxy.address
        if caller == "envoy":
            ports = stack.settings.ports
            led = Door(
                listen_port=ports.api_port,
                admin_port=ports.envoy_admin_port,
                gateways=(proxy.address,),
                requests_per_second=stack.settings.door.requests_per_second,
            )
            door.write(stack.layout, led)
        stack.restart(caller)
        try:
            yield proxy
        finally:  # what comes after must not fail for this
            proxy.clear()
            keeper._environment.clear()
            keeper._environment.update(environment)
            if caller == "envoy":
                part.prepare()
            stack.restart(caller)
