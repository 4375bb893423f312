"""JSON Web Tokens, checked at the door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

TENANT = "x-token-tenant"
"""What tells the gateway whom a checked token speaks for; dropped from what clients send."""


def filters(jwt: Sequence[str]) -> list[dict[str, Any]]:
    """Return the filter that checks tokens by keys, issuer and audience, if any are taken.

    A call without a token, or with one that does not hold, is let through without its tenant: the
    gateway asks it for an API key then, and says what is wrong in its own words.
    """
    if not jwt:
        return []
    jwks_file, issuer, *audiences = jwt
    provider: dict[str, Any] = {
        "issuer": issuer,
        "local_jwks": {"filename": jwks_file},
        "claim_to_headers": [{"header_name": TENANT, "claim_name": "sub"}],
        "require_expiration": True,
    }
    if audiences:
        provider["audiences"] = audiences
    requires = {
        "requires_any": {
            "requirements": [{"provider_name": "tokens"}, {"allow_missing_or_failed": {}}]
        }
    }
    kind = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication"
    config = {
        "@type": kind,
        "providers": {"tokens": provider},
        "rules": [{"match": {"prefix": "/"}, "requires": requires}],
    }
    return [{"name": "envoy.filters.http.jwt_authn", "typed_config": config}]
