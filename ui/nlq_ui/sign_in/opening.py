"""The gate that the settings ask for: settings and an app go in, the gate before it comes out."""

from __future__ import annotations

from pathlib import Path

from starlette.types import ASGIApp

from nlq.errors import SettingsError
from nlq.settings import ServeSettings
from nlq.types import Principal
from nlq_ui.api.sign_in import SignIn
from nlq_ui.sign_in.gate import Gate
from nlq_ui.sign_in.loopback import Loopback, Nobody
from nlq_ui.sign_in.mode import Mode
from nlq_ui.sign_in.proxy import Proxy


def gate(
    app: ASGIApp, settings: ServeSettings, principal: Principal, home: Path, *, alone: bool
) -> Gate:
    """The gate before ``app``.

    ``home`` is the folder for what sign-in keeps. ``alone`` says that only this machine reaches it:
    then, without sign-in, whoever comes is ``principal``. Raises ``SettingsError`` where a package
    for sign-in is missing.
    """
    tokens = SignIn(settings.tokens, None if settings.signs_in else principal)
    return Gate(app, _mode(settings, principal, home, alone=alone), tokens, settings.url)


def _mode(settings: ServeSettings, principal: Principal, home: Path, *, alone: bool) -> Mode:
    if settings.oidc.issuer:
        return _oidc(settings, home)
    if settings.proxy.addresses:
        return Proxy(settings.proxy, settings.groups)
    return Loopback(principal) if alone else Nobody()


def _oidc(settings: ServeSettings, home: Path) -> Mode:
    try:
        from nlq_ui.sign_in.oidc import Oidc
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] not in ("authlib", "joserfc"):
            raise
        raise SettingsError(
            "The package authlib is missing.", hint='Run: pip install "nlq[sign-in]"'
        ) from exc
    from nlq_ui.sign_in.sessions import Sessions

    wanted = settings.oidc
    return Oidc(settings, Sessions(home / "sessions.sqlite", wanted.idle_s, wanted.longest_s))
