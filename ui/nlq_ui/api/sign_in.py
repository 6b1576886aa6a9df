"""Who asks: a request's token goes in, a principal comes out.

Tokens are known by their SHA-256 alone, and are compared in constant time. Without any, whoever
asks is the principal of the settings; that is for this machine alone, so a request that names
another host (a web page that had its own name point here) is turned away.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from nlq.settings import TokenSettings
from nlq.types import Principal
from nlq_ui.address import is_loopback, name_of
from nlq_ui.api.problems import Problem


@dataclass(frozen=True, slots=True)
class SignIn:
    """The tokens that are known, and who asks where there are none.

    ``otherwise`` is None where people sign in, and the gate knows them by that.
    """

    tokens: tuple[TokenSettings, ...]
    otherwise: Principal | None

    def who(self, authorization: str, host: str) -> Principal:
        """The principal of a request, by its headers; raises ``Problem`` 401 or 403."""
        if not self.tokens and self.otherwise is not None:
            if not is_loopback(name_of(host)):
                raise Problem(
                    403,
                    "Without tokens the API serves this machine alone, by its loopback address.",
                    "Ask at http://127.0.0.1, or set serve.tokens (docs/api.md).",
                )
            return self.otherwise
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Problem(
                401,
                "The request carries no token.",
                "Send the header Authorization: Bearer TOKEN.",
            )
        digest = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).hexdigest()
        # Every token is compared, so that the time tells nothing of which came close.
        fitting = [
            known
            for known in self.tokens
            if hmac.compare_digest(known.sha256.get_secret_value(), digest)
        ]
        if not fitting:
            raise Problem(
                401,
                "Nobody has this token.",
                "Check it; whoever runs this server keeps the list, in serve.tokens.",
            )
        return Principal(fitting[0].name, fitting[0].roles)
