"""Sign-in by OpenID Connect: requests go in, the principals of their sessions come out.

Strangers are sent to the provider and come back with a code; it gives an id token, whose claims
give a name and groups, and these the roles of a session.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from nlq.errors import KeptError
from nlq.settings import ServeSettings
from nlq.types import Principal
from nlq_ui.sign_in.cookies import Cookies
from nlq_ui.sign_in.mode import Refused
from nlq_ui.sign_in.provider import Provider, ProviderDown, SignInFailed
from nlq_ui.sign_in.replies import page
from nlq_ui.sign_in.roles import principal_of
from nlq_ui.sign_in.sessions import Sessions

SIGN_IN: Final = "/sign-in"
BACK: Final = "/sign-in/callback"
SIGN_OUT: Final = "/sign-out"
SIGNED_OUT: Final = "/signed-out"

_LOG = logging.getLogger(__name__)
_AGAIN = "Try again. If that does not help, tell whoever runs this server."
_STRANGER = Refused(401, "You are not signed in, or no longer.", sign_in_at=SIGN_IN)


class Oidc:
    """The sessions of people, and the paths by which they begin and end."""

    can_sign_out = True
    paths: frozenset[str] = frozenset({SIGN_IN, BACK, SIGN_OUT, SIGNED_OUT})

    def __init__(self, settings: ServeSettings, sessions: Sessions) -> None:
        self._settings = settings
        self._sessions = sessions
        self._provider = Provider(settings.oidc)
        self._cookies = Cookies(settings.url.startswith("https:"))
        self.app: ASGIApp | None = _Forgiving(
            Router(
                [
                    Route(SIGN_IN, self._begin),
                    Route(BACK, self._end),
                    Route(SIGN_OUT, self._sign_out, methods=["POST"]),
                    Route(SIGNED_OUT, _signed_out),
                ]
            )
        )

    def principal(self, connection: HTTPConnection) -> Principal | Refused:
        """Whose session the request's cookie is."""
        secret = connection.cookies.get(self._cookies.session)
        try:
            found = self._sessions.principal(secret) if secret else None
        except KeptError as error:
            return Refused(503, error.message, error.hint)
        return found or _STRANGER

    async def _begin(self, request: Request) -> Response:
        response, remembered = await self._provider.begin(request, self._settings.url + BACK)
        state = next(iter(remembered)).rpartition("_state_nlq_")[2]
        secret = secrets.token_urlsafe(32)
        self._sessions.note(
            secret,
            {"remembered": remembered, "next": local(request.query_params.get("next", ""))},
        )
        self._cookies.set(response, self._cookies.begun(state), secret)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def _end(self, request: Request) -> Response:
        cookie = self._cookies.begun(request.query_params.get("state", ""))
        secret = request.cookies.get(cookie)
        noted = self._sessions.take(secret) if secret else None
        if noted is None:
            return page(
                "Not signed in",
                "This sign-in was not begun in this browser, took too long, or was used before.",
                _AGAIN,
                401,
                again=SIGN_IN,
            )
        claims = await self._provider.end(request, noted["remembered"])
        told = person(claims, self._settings)
        if isinstance(told, Refused):
            response = page("No access", told.detail, told.hint, told.status, again=SIGN_IN)
        else:
            response = RedirectResponse(noted["next"], 303, {"Cache-Control": "no-store"})
            self._change(request, response, told)
        self._cookies.drop(response, cookie)
        return response

    def _change(self, request: Request, response: Response, principal: Principal) -> None:
        """Begin a session in the place of the one before."""
        self._forget(request)
        self._cookies.set(response, self._cookies.session, self._sessions.begin(principal))

    def _forget(self, request: Request) -> None:
        if secret := request.cookies.get(self._cookies.session):
            self._sessions.end(secret)

    async def _sign_out(self, request: Request) -> Response:
        self._forget(request)
        response = RedirectResponse(SIGNED_OUT, 303, {"Cache-Control": "no-store"})
        self._cookies.drop(response, self._cookies.session)
        return response


class _Forgiving:
    """Tells what goes wrong at a sign-in on a page; the log has the details."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except SignInFailed as failed:
            _LOG.warning("somebody was not signed in: %s", failed)
            told = page("Not signed in", "The sign-in did not work.", _AGAIN, 401, again=SIGN_IN)
        except ProviderDown as down:
            _LOG.error("the sign-in provider cannot be used: %s", down)
            told = page(
                "Not signed in",
                "The provider that signs people in cannot be reached.",
                _AGAIN,
                503,
                again=SIGN_IN,
            )
        except KeptError as error:
            told = page("Not signed in", error.message, error.hint, 503, again=SIGN_IN)
        except HTTPException as error:
            told = page("Not signed in", f"{error.detail}.", "", error.status_code, again=SIGN_IN)
        else:
            return
        await told(scope, receive, send)


def person(claims: Mapping[str, Any], settings: ServeSettings) -> Principal | Refused:
    """Who the claims of an id token are of."""
    wanted = settings.oidc
    name, groups = claims.get(wanted.name_claim), claims.get(wanted.groups_claim, [])
    if wanted.name_claim == "email" and claims.get("email_verified") is not True:
        name = ""  # anybody may have said that it is theirs
    told = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    return principal_of(
        name.strip() if isinstance(name, str) else "",
        [group for group in told if isinstance(group, str)],
        settings.groups,
    )


def local(path: str) -> str:
    """A path of ours to go to after the sign-in; "/" for anything else.

    >>> local("/past?q=1"), local("//evil.example"), local("https://evil.example"), local("/\\\\x")
    ('/past?q=1', '/', '/', '/')
    """
    ours = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()
    return path if ours and not path.startswith((SIGN_IN, SIGN_OUT, SIGNED_OUT)) else "/"


async def _signed_out(_request: Request) -> Response:
    return page("Signed out", "You are signed out of nlq.", "", again=SIGN_IN)
