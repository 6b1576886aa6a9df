"""The gate that the settings ask for: settings and an app go in, the gate before it comes out."""

from __future__ import annotations

from starlette.types import ASGIApp

from nlq.errors import SettingsError
from nlq.settings import ServeSettings
from nlq.types import Principal
from nlq_ui.api.sign_in import SignIn
from nlq_ui.sign_in.gate import Gate
from nlq_ui.sign_in.loopback import Loopback, Nobody
from nlq_ui.sign_in.mode import Mode
from nlq_ui.sign_in.proxy import Proxy


def gate(app: ASGIApp, settings: ServeSettings, principal: Principal, *, alone: bool) -> Gate:
    """The gate before ``app``.

    ``alone`` says that only this machine reaches it: then, without sign-in, whoever comes is
    ``principal``. Raises ``SettingsError`` where sign-in cannot be set up.
    """
    tokens = SignIn(settings.tokens, None if settings.signs_in else principal)
    return Gate(app, _mode(settings, principal, alone=alone), tokens, settings.url)


def _mode(settings: ServeSettings, principal: Principal, *, alone: bool) -> Mode:
    if settings.oidc.issuer:
        raise SettingsError("Sign-in by serve.oidc is not there yet.", hint="Use serve.proxy.")
    if settings.proxy.addresses:
        return Proxy(settings.proxy, settings.groups)
    return Loopback(principal) if alone else Nobody()
