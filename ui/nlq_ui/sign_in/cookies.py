"""The cookies of sign-in: their names and how long they stay; no script can read them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from starlette.responses import Response

from nlq_ui.sign_in.sessions import BEGUN_S


@dataclass(frozen=True, slots=True)
class Cookies:
    """Sets them; ``secure`` where people open nlq by https, which then is the only way."""

    secure: bool

    @property
    def session(self) -> str:
        """The name of the session's cookie; its prefix keeps other hosts from setting it."""
        return "__Host-nlq" if self.secure else "nlq-session"

    def begun(self, state: str) -> str:
        """The name of the cookie of one sign-in, so that two tabs may sign in at once."""
        name = f"nlq-sign-in-{hashlib.sha256(state.encode()).hexdigest()[:16]}"
        return f"__Host-{name}" if self.secure else name

    def set(self, response: Response, name: str, secret: str) -> None:
        """Set one; that of a session stays as long as the browser runs."""
        age = None if name == self.session else int(BEGUN_S)
        response.set_cookie(
            name, secret, max_age=age, secure=self.secure, httponly=True, samesite="lax"
        )

    def drop(self, response: Response, name: str) -> None:
        """Take one away."""
        response.delete_cookie(name, secure=self.secure, httponly=True, samesite="lax")
