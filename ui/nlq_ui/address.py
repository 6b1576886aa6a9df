"""Where the page listens: a host and a port go in, a listening socket and its address come out.

Light to import, so that a port that is taken is told at once.
"""

from __future__ import annotations

import socket

from nlq.errors import SettingsError


def listen(host: str, port: int) -> socket.socket:
    """A socket listening at that address; raises ``SettingsError`` where it cannot be had."""
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


def address_of(sock: socket.socket) -> str:
    """What to open in a browser."""
    host, port = sock.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
