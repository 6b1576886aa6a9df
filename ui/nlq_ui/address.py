"""Where nlq is served: a host and a port go in, a listening socket and its address come out.

Light to import, so that a port that is taken is told at once.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from nlq.errors import SettingsError


def listen(host: str, port: int, *, guarded: bool = False) -> socket.socket:
    """A socket listening at that address; raises ``SettingsError`` where it cannot be had.

    Whoever reaches a page without sign-in asks with the rights of its principal: it is served to
    this machine alone. ``guarded`` says that people sign in, or that only the API is served, to
    bearers of tokens.
    """
    if not guarded and not is_loopback(host):
        raise SettingsError(
            f"The page has no sign-in, so it is not served at {host}, where others could reach it.",
            hint="Serve at 127.0.0.1; or set up sign-in, serve.oidc or serve.proxy "
            "(docs/sign-in.md); or set serve.tokens, and the API is served there, without the page "
            "(docs/api.md).",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen()
    except OSError as exc:
        sock.close()
        raise SettingsError(
            f"The page cannot be served at {host}:{port}: {(exc.strerror or str(exc)).lower()}.",
            hint="Choose another port with --port (0 picks a free one), or NLQ_SERVE__PORT.",
        ) from exc
    return sock


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def name_of(host: str) -> str:
    """The name or address in a ``Host`` header, without its port; empty where it cannot be read.

    >>> name_of("[::1]:7860"), name_of("localhost"), name_of("[")
    ('::1', 'localhost', '')
    """
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def address_of(sock: socket.socket) -> str:
    """What to open in a browser."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
