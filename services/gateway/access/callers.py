"""Lets in who may call, for REST and gRPC alike: Envoy passes the headers of both on."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.gateway.access import caller, rules
from services.gateway.access.caller import Caller
from services.gateway.access.keys import ADMIN, DRAW
from services.runtime.around import Before
from services.runtime.headers import headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import grpc

    from services.gateway.access.allowance import Allowances
    from services.gateway.access.keyring import Keyring

KEY = "x-api-key"
AUTHORIZATION = "authorization"
BEARER = "bearer "
TENANT = "x-tenant"
"""Whom an operator acts for: whose task is looked at, or erased."""
SUBJECT = re.compile(r"[\x20-\x7e]{1,128}")
"""What the cache takes for a tenant, and metadata carries."""
TOKEN_TENANT = "x-token-tenant"  # noqa: S105 - a header's name
"""Whom a JSON Web Token that Envoy checked speaks for; Envoy drops the header of any client."""


class NoKey(PermissionError):
    """A call that needs a key has none."""

    def __init__(self) -> None:
        super().__init__("this needs an API key; send it as x-api-key, or as authorization: Bearer")


class WrongKey(PermissionError):
    """A key, or a token, is none that is valid."""

    def __init__(self) -> None:
        super().__init__("the API key is not valid; ask the operator for a new one")


class ScopeMissing(PermissionError):
    """The key is valid and does not allow this."""

    def __init__(self, name: str, scope: str) -> None:
        super().__init__(f"key {name} lacks the scope {scope} that this needs")
        self.facts = {"key": name, "scope": scope}


class Callers(Before):
    """Checks the key of every call before any of its body is read, and binds its caller.

    `knows_tokens` is whether an Envoy that checks tokens is the only way here.
    """

    def __init__(self, keys: Keyring, allowances: Allowances, *, knows_tokens: bool) -> None:
        self._keys = keys
        self._allowances = allowances
        self._knows_tokens = knows_tokens

    def before(self, method: str, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        """Let the call in, or raise why not."""
        scope = rules.scope_of(method)
        if scope != rules.OPEN:
            told = headers(context)
            who = self._identified(told, method)
            if scope not in who.scopes:
                raise ScopeMissing(who.name, scope)
            caller.caller.set(acting(who, told.get(TENANT)))

    def _identified(self, told: Mapping[str, str], method: str) -> Caller:
        tenant = told.get(TOKEN_TENANT)
        if self._knows_tokens and tenant:
            if not SUBJECT.fullmatch(tenant):
                raise WrongKey
            return Caller(f"token of {tenant}", tenant, frozenset({DRAW}))
        secret = shown(told)
        if not secret:
            raise NoKey
        key = self._keys.find(secret)
        if key is None:
            raise WrongKey
        self._allowances.spend(key, is_submission=method in rules.SUBMISSIONS)
        return Caller(key.name, key.tenant, key.scopes)


def acting(who: Caller, tenant: str | None) -> Caller:
    """Return who acts for the tenant that is asked for: operators for any, others for their own."""
    if not tenant or tenant == who.tenant:
        return who
    if not who.is_admin or not SUBJECT.fullmatch(tenant):
        raise ScopeMissing(who.name, ADMIN)
    return replace(who, tenant=tenant)


def shown(told: Mapping[str, str]) -> str:
    """Return the key that a call shows, empty for none."""
    if key := told.get(KEY):
        return key
    authorization = told.get(AUTHORIZATION, "")
    is_bearer = authorization[: len(BEARER)].lower() == BEARER
    return authorization[len(BEARER) :].strip() if is_bearer else ""
