"""What the routes share, and how a route gets at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from nlq.kept.conversations import Conversations as Lasting
from nlq.types import Principal
from nlq_ui.api.conversations import Conversations
from nlq_ui.api.in_flight import InFlight
from nlq_ui.api.kept_answers import KeptAnswers
from nlq_ui.api.problems import Problem
from nlq_ui.api.sign_in import SignIn
from nlq_ui.opening import Assistant, Opening
from nlq_ui.who import found_in

_RETRY_S = 5


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that outlives a request."""

    opening: Opening
    sign_in: SignIn
    conversations: Conversations
    kept: KeptAnswers
    in_flight: InFlight
    lasting: Lasting | None = None

    def assistant(self) -> Assistant:
        """The assistant; raises ``Problem`` 503 while it opens, or what its opening raised."""
        self.opening.start()
        ready = self.opening.ready(0)
        if ready is None:
            words, _ = self.opening.progress
            raise Problem(
                503,
                f"The assistant is not ready yet: {words}.",
                "Try again in a moment; GET /readyz tells when it is.",
                retry_s=_RETRY_S,
            )
        return ready

    def past(self) -> Lasting:
        """Conversations that last; raises ``Problem`` 404 where none are kept."""
        if self.lasting is None:
            raise Problem(404, "No conversations are kept here.", "Ask anew.")
        return self.lasting


async def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


async def _who(request: Request) -> Principal:
    if (principal := found_in(request.scope)) is not None:
        return principal
    parts: Parts = request.app.state.parts
    headers = request.headers
    return parts.sign_in.who(headers.get("authorization", ""), headers.get("host", ""))


async def _no_other_parameters(request: Request) -> None:
    """Turn down a parameter that the route does not have: one that is misspelt would do nothing."""
    known = {field.alias for field in request.scope["route"].dependant.query_params}
    for name in request.query_params:
        if name not in known:
            meant = f"It takes {', '.join(sorted(known))}." if known else "It takes none."
            raise Problem(422, f"{name[:80]}: there is no such parameter.", meant)


_BEARER = HTTPBearer(auto_error=False, description="Needed where the server has tokens.")

Shared = Annotated[Parts, Depends(_parts)]
Who = Annotated[Principal, Depends(_who)]

NEEDS_TOKEN = [Depends(_BEARER), Depends(_no_other_parameters)]
"""Says in the description that a route takes a token, which ``Who`` reads; and no other query."""
