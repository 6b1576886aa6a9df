"""Who asks on a web request: a request that came through the gate goes in, a principal comes out.

The gate (``nlq_ui.sign_in.gate``) is before everything that is served, and leaves the principal in
the request's scope. What did not come through it is nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, Final

from nlq.types import Principal

KEY: Final = "nlq.principal"
"""Where the gate leaves the principal in a request's ASGI scope."""

Who = Callable[[Any], Principal]
"""A request of Gradio, FastAPI or Starlette in, its principal out; raises ``NotSignedIn``."""


class NotSignedIn(Exception):
    """Nobody signed in for this request."""

    def __init__(self) -> None:
        super().__init__("You are not signed in, or no longer. Load the page again to sign in.")


def who(request: Any) -> Principal:
    """The principal of a request (Gradio's wraps another one); raises ``NotSignedIn``."""
    inner = getattr(request, "request", None) or request
    scope = getattr(inner, "scope", None)
    found = found_in(scope) if isinstance(scope, MutableMapping) else None
    if found is None:
        raise NotSignedIn
    return found


def found_in(scope: MutableMapping[str, Any]) -> Principal | None:
    """The principal of a request's scope, where the gate left one."""
    found = scope.get(KEY)
    return found if isinstance(found, Principal) else None
