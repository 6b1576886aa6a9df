"""The OpenID provider: a sign-in is begun at it, and ended with the claims of a checked id token.

The authorization code flow with PKCE, state and nonce, by Authlib; RFC 6749, RFC 7636 and OpenID
Connect Core 1.0. The token's issuer, audience, times, nonce and signature (by the provider's own
keys) are checked.
"""

from __future__ import annotations

from typing import Any, Final

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from nlq.serve_settings import OidcSettings

_WAIT_S: Final = 10.0
_LEEWAY_S: Final = 60
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
                      "ES512", "EdDSA", "Ed25519")  # fmt: skip
"""Signatures by a key that only the provider has."""


class SignInFailed(Exception):
    """The provider's answer is not one to let somebody in by; says why, for the log."""


class ProviderDown(Exception):
    """The provider cannot be reached, or does not say what it must."""


class Provider:
    """One provider, asked when the first person signs in."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        secret = settings.client_secret
        self._client = OAuth().register(
            "nlq",
            server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_id=settings.client_id,
            client_secret=secret.get_secret_value() if secret else None,
            client_kwargs={
                "scope": settings.scopes,
                "code_challenge_method": "S256",
                "timeout": _WAIT_S,
            },
        )

    async def begin(self, request: Request, back: str) -> tuple[Response, dict[str, Any]]:
        """A redirect to the provider, which sends the person to ``back``, and what to remember.

        Raises ``ProviderDown``.
        """
        request.scope["session"] = remembered = {}
        await self._look()
        response = await self._client.authorize_redirect(request, back)
        return response, remembered

    async def end(self, request: Request, remembered: dict[str, Any]) -> dict[str, Any]:
        """The claims of whoever came back; raises ``SignInFailed`` or ``ProviderDown``."""
        request.scope["session"] = remembered
        issuer = await self._look()
        wanted = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        try:
            token = await self._client.authorize_access_token(
                request, claims_options=wanted, leeway=_LEEWAY_S
            )
        except httpx2.HTTPError as exc:
            raise ProviderDown(f"no token: {exc!r}") from exc
        except (OAuthError, JoseError, ValueError, KeyError, TypeError, RuntimeError) as exc:
            raise SignInFailed(f"{type(exc).__name__}: {exc}") from exc
        claims = token.get("userinfo")
        if not claims:
            raise SignInFailed("the provider sent no id token")
        return dict(claims)

    async def _look(self) -> str:
        """Read what the provider says of itself, once; its issuer, as tokens have it."""
        try:
            told = await self._client.load_server_metadata()
            issuer = str(told["issuer"])
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, KeyError, TypeError) as exc:
            raise ProviderDown(f"{self._settings.issuer}: {exc!r}") from exc
        if issuer.rstrip("/") != self._settings.issuer.rstrip("/"):
            raise ProviderDown(f"{self._settings.issuer} calls itself {issuer}")
        offered = told.get("id_token_signing_alg_values_supported") or ["RS256"]
        told["id_token_signing_alg_values_supported"] = [a for a in offered if a in _ALGORITHMS]
        return issuer
