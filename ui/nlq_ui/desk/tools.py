"""What the pages work with: an assistant being opened goes in, a desk and a queue come out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from nlq.desk.desk import Desk
from nlq.errors import NlqError
from nlq.kept.reviews import Reviews
from nlq.pipeline import Assistant
from nlq_ui.opening import Opening

_WAIT_S = 20.0


class Tools:
    """The desk and the review queue over the one assistant, made when first needed."""

    def __init__(self, opening: Opening, open_reviews: Callable[[Assistant], Reviews]) -> None:
        self._opening = opening
        self._open_reviews = open_reviews
        self._lock = threading.Lock()
        self._made: tuple[Desk, Reviews] | None = None

    def assistant(self) -> Assistant:
        """The assistant; raises what its opening raised, or that it takes longer."""
        self._opening.start()
        ready: Any = self._opening.ready(_WAIT_S)
        if ready is None:
            words, _ = self._opening.progress
            raise NlqError(f"Still getting ready: {words}.", hint="Try again in a moment.")
        assistant: Assistant = ready
        return assistant

    @property
    def desk(self) -> Desk:
        """The analysts' functions."""
        return self._both()[0]

    @property
    def reviews(self) -> Reviews:
        """The review queue."""
        return self._both()[1]

    def _both(self) -> tuple[Desk, Reviews]:
        assistant = self.assistant()
        with self._lock:
            if self._made is None:
                self._made = (Desk(assistant), self._open_reviews(assistant))
            return self._made
