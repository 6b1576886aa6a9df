"""The API: an assistant (being opened), settings and a principal go in, an ASGI app comes out."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI

from nlq.kept.conversations import Conversations as Lasting
from nlq.settings import ServeSettings
from nlq.types import Principal
from nlq_ui.api import (
    routes_answers,
    routes_ask,
    routes_conversations,
    routes_health,
    routes_lake,
)
from nlq_ui.api.body_limit import BodyLimit
from nlq_ui.api.conversations import Conversations
from nlq_ui.api.description import ABOUT, complete
from nlq_ui.api.in_flight import InFlight
from nlq_ui.api.kept_answers import KeptAnswers
from nlq_ui.api.parts import Parts
from nlq_ui.api.problems import answer_with_problems
from nlq_ui.api.requests import LONGEST_BODY
from nlq_ui.api.sign_in import SignIn
from nlq_ui.opening import Opening

V1 = "/api/v1"


class Api(FastAPI):
    """The app, and what outlives its requests."""

    def __init__(
        self,
        opening: Opening,
        settings: ServeSettings,
        principal: Principal | None,
        lasting: Lasting | None = None,
    ) -> None:
        super().__init__(
            title="nlq",
            version=version("nlq"),
            description=ABOUT,
            openapi_url=f"{V1}/openapi.json",
            docs_url=None,  # its page would be fetched from elsewhere
            redoc_url=None,
            generate_unique_id_function=lambda route: route.name,
        )
        self.state.parts = self.parts = Parts(
            opening,
            SignIn(settings.tokens, principal),
            Conversations(settings.keep_s),
            KeptAnswers(settings.keep_s, settings.keep_bytes),
            InFlight(settings.questions),
            lasting,
        )
        for routes in (routes_ask, routes_answers, routes_conversations, routes_lake):
            self.include_router(routes.router, prefix=V1)
        self.include_router(routes_health.router)
        self.add_middleware(BodyLimit, most=LONGEST_BODY)
        answer_with_problems(self)
        complete(self)

    def close(self) -> None:
        """Cancel what is on its way."""
        self.parts.in_flight.cancel_all()


def serves(path: str) -> bool:
    """Whether a path is the API's, not the page's."""
    return path.startswith("/api/") or path in ("/healthz", "/readyz")
