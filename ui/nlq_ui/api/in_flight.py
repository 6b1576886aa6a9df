"""Questions on their way: how many one principal has, and how to cancel them."""

from __future__ import annotations

import threading

from nlq.cancel import CancelToken
from nlq.types import Principal
from nlq_ui.api.problems import Problem

_RETRY_S = 5


class InFlight:
    """The questions being answered, at most ``most`` of one principal; safe from any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._tokens: dict[Principal, dict[str, CancelToken]] = {}

    def begin(self, principal: Principal, id: str) -> CancelToken:
        """Count a question in; raises ``Problem`` 409 (its id is in use) or 429 (too many)."""
        with self._lock:
            mine = self._tokens.setdefault(principal, {})
            if id in mine:
                raise Problem(
                    409,
                    f"The question {id} is on its way already.",
                    "Choose another question_id, or leave it out.",
                )
            if len(mine) >= self._most:
                raise Problem(
                    429,
                    f"You have {len(mine)} questions on their way, and no more are taken.",
                    "Wait for one of them, or cancel it. The setting serve.questions is the limit.",
                    retry_s=_RETRY_S,
                )
            mine[id] = token = CancelToken()
            return token

    def end(self, principal: Principal, id: str, token: CancelToken) -> None:
        """Count a question out; safe to call twice."""
        with self._lock:
            mine = self._tokens.get(principal, {})
            if mine.get(id) is token:
                del mine[id]
            if not mine:
                self._tokens.pop(principal, None)

    def cancel(self, principal: Principal, id: str) -> None:
        """Cancel a question of ``principal``; raises ``Problem`` 404."""
        with self._lock:
            token = self._tokens.get(principal, {}).get(id)
        if token is None:
            raise Problem(
                404,
                f"You have no question {id} on its way.",
                "It may have ended already. Its id is the question_id that you chose, or the "
                "response's header Question-Id.",
            )
        token.cancel()

    def cancel_all(self) -> None:
        """Cancel every question, where the server ends."""
        with self._lock:
            tokens = [token for mine in self._tokens.values() for token in mine.values()]
        for token in tokens:
            token.cancel()
