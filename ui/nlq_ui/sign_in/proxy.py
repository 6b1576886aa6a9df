"""A trusted proxy signs people in: its headers go in, a principal comes out.

The headers are believed only of a proxy that is known by its address, and by a secret where there
is one. The address is that of the connection itself: no header changes it.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from nlq.serve_settings import ProxySettings
from nlq.types import Principal
from nlq_ui.sign_in.mode import Refused
from nlq_ui.sign_in.roles import principal_of

PAST_THE_PROXY = Refused(
    403,
    "This request did not come through the proxy that signs people in.",
    "Open the address that you were given for nlq, not this server's own.",
)
NO_NAME = Refused(
    401,
    "The proxy did not say who you are.",
    "Sign in again; if that does not help, tell whoever runs this server.",
)


class Proxy:
    """Believes the proxies of ``settings``; ``roles`` are those of each group."""

    app: ASGIApp | None = None
    paths: frozenset[str] = frozenset()
    can_sign_out = False

    def __init__(self, settings: ProxySettings, roles: Mapping[str, tuple[str, ...]]) -> None:
        self._settings = settings
        self._roles = roles
        self._networks = tuple(ipaddress.ip_network(one) for one in settings.addresses)

    def principal(self, connection: HTTPConnection) -> Principal | Refused:
        """Who the proxy says this is."""
        if not (self._is_known(connection) and self._knows_the_secret(connection)):
            return PAST_THE_PROXY
        wanted = self._settings
        names = connection.headers.getlist(wanted.name_header)
        groups = connection.headers.getlist(wanted.groups_header)
        # Two headers: one of them may be the person's own, which the proxy let through.
        if len(names) != 1 or not names[0].strip() or len(groups) > 1:
            return NO_NAME
        told = [group.strip() for group in _text(groups[0]).split(",")] if groups else []
        return principal_of(_text(names[0]).strip(), told, self._roles)

    def _is_known(self, connection: HTTPConnection) -> bool:
        try:
            address = ipaddress.ip_address(connection.client.host if connection.client else "")
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)

    def _knows_the_secret(self, connection: HTTPConnection) -> bool:
        if self._settings.secret is None:
            return True
        told = connection.headers.getlist(self._settings.secret_header)
        wanted = self._settings.secret.get_secret_value()
        return len(told) == 1 and hmac.compare_digest(
            told[0].encode("latin-1"), wanted.encode("utf-8")
        )


def _text(header: str) -> str:
    """A header's value, which proxies send in UTF-8 and servers read as Latin-1."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header
