"""What every way to sign in does: a request goes in, a principal or a refusal comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from nlq.types import Principal


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a request is not let in.

    ``status`` is 401 where signing in helps (at ``sign_in_at``, where there is a page for it), and
    403 where it does not, 503 where it cannot be told now.
    """

    status: int
    detail: str
    hint: str = ""
    sign_in_at: str = ""


class Mode(Protocol):
    """One way to sign in."""

    app: ASGIApp | None
    """Answers what strangers need to sign in, where there is such a thing."""

    paths: frozenset[str]
    """The paths that ``app`` answers."""

    can_sign_out: bool
    """Whether there is a session to end."""

    def principal(self, connection: HTTPConnection) -> Principal | Refused:
        """Who this is, by the request's headers; never raises for what a stranger sends."""
