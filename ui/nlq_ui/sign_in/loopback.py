"""No sign-in: whoever sits at this machine is the principal of the settings.

A request that names another host (a web page that had its own name point here) is turned away.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from nlq.types import Principal
from nlq_ui.address import is_loopback, name_of
from nlq_ui.sign_in.mode import Refused

ELSEWHERE = Refused(
    403,
    "Without sign-in nlq serves this machine alone, by its loopback address.",
    "Open http://127.0.0.1 on this machine, or set up sign-in (docs/sign-in.md).",
)

NO_PAGE = Refused(
    401,
    "Only the API is served here, to bearers of tokens.",
    "Send the header Authorization: Bearer TOKEN to /api/v1/ (docs/api.md).",
)


@dataclass(frozen=True, slots=True)
class Loopback:
    """Everybody is ``everybody``."""

    everybody: Principal
    app: ASGIApp | None = None
    paths: frozenset[str] = frozenset()
    can_sign_out: bool = False

    def principal(self, connection: HTTPConnection) -> Principal | Refused:
        """The principal of the settings, unless the request is for another host."""
        if not is_loopback(name_of(connection.headers.get("host", ""))):
            return ELSEWHERE
        return self.everybody


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody signs in; programs come by their tokens, which the gate looks at itself."""

    app: ASGIApp | None = None
    paths: frozenset[str] = frozenset()
    can_sign_out: bool = False

    def principal(self, connection: HTTPConnection) -> Principal | Refused:  # noqa: ARG002
        """Nobody's."""
        return NO_PAGE
