"""A PrestoDB or Trino server through the `trino` client: SQL text and a user enter, rows leave.

This is the lower half of the engines (which take only a ``GuardedQuery``), and what development
servers are set up with.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from trino.auth import Authentication
from trino.client import ClientSession, TrinoRequest

from nlq.cancel import CancelToken
from nlq.engine.base import OnProgress
from nlq.engine.presto_transport import PrestoTransport
from nlq.engine.trino_client_errors import refused
from nlq.engine.trino_client_statement import Page, SentOnce, Statement
from nlq.errors import EngineUnavailable, QueryFailed, SettingsError

Kind = Literal["presto", "trino"]

BRAND: Final[Mapping[Kind, str]] = {"presto": "PrestoDB", "trino": "Trino"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server and how to introduce oneself.

    ``url`` is ``http(s)://host:port``. ``client_tags`` choose resource groups. ``session`` are
    session properties for every statement. ``verify`` is whether to check the certificate, or the
    file of an authority.
    """

    kind: Kind
    url: str
    source: str = "nlq"
    client_tags: tuple[str, ...] = ()
    session: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"
    auth: Authentication | None = field(default=None, repr=False)
    verify: bool | str = True

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise SettingsError(
                f"{parts.hostname or self.url} is not the address of a {BRAND[self.kind]} server.",
                hint="Write it like https://presto.example.com:8443, without a user or password.",
            )
        if any("," in tag or not _sendable(tag) for tag in self.client_tags):
            raise SettingsError("A client tag may have no comma and no characters beyond Latin-1.")

    def __str__(self) -> str:
        return f"{BRAND[self.kind]} at {self.url}"


class Client:
    """Sends statements to one cluster; safe to use from several threads at once."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        parts = urlsplit(cluster.url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._scheme = parts.scheme
        self._pool = HTTPAdapter(pool_maxsize=32)

    def version(self) -> str:
        """The server's name and version.

        Raises ``EngineUnavailable``: "down" where nothing listens or something else does, "busy"
        where it is still starting or answers with an error, "lost" where it stays silent, so that
        queries may be running there.
        """
        try:
            with self._session().get(f"{self.cluster.url.rstrip('/')}/v1/info", timeout=5) as got:
                if not got.ok:
                    raise EngineUnavailable(
                        f"{self.cluster} answered with status {got.status_code}.",
                        hint="Check the address, and the user's password or token.",
                        cause="busy",
                    )
                info = got.json()
            starting, version = info.get("starting"), info["nodeVersion"]["version"]
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise EngineUnavailable(
                f"What answers at {self.cluster.url} is not {BRAND[self.cluster.kind]}.",
                hint="Check the address.",
            ) from exc
        except requests.RequestException as exc:
            raise EngineUnavailable(
                f"{self.cluster} cannot be reached.",
                hint="Check that it runs, its address and its certificate.",
                cause="down" if refused(exc) else "lost",
            ) from exc
        if starting:
            raise EngineUnavailable(
                f"{self.cluster} is still starting.", hint="Wait a minute.", cause="busy"
            )
        return f"{BRAND[self.cluster.kind]} {version}"

    def start(
        self,
        sql: str,
        *,
        user: str,
        seconds: float,
        cancel: CancelToken | None = None,
        on_progress: OnProgress | None = None,
        session: Mapping[str, str] | None = None,
        most_read: int | None = None,
    ) -> Statement:
        """Send a statement as ``user``.

        It ends after ``seconds``, on cancel, or once the server has read more than ``most_read``
        bytes for it. ``session`` are properties where the cluster's have none of that name.

        Raises ``QueryFailed`` where the name cannot be sent; everything else comes from reading.
        """
        if not user.strip() or not _sendable(user):
            raise QueryFailed(
                f"The name {user!r} cannot be told to {self.cluster}.",
                hint="Use a name of Latin-1 letters.",
                repairable=False,
            )
        http = self._session()
        request = TrinoRequest(
            self._host,
            self._port,
            ClientSession(
                user=user,
                source=self.cluster.source,
                client_tags=list(self.cluster.client_tags),
                properties={**(session or {}), **self.cluster.session},
                timezone=self.cluster.timezone,
            ),
            http_session=http,
            http_scheme=self._scheme,
            auth=self.cluster.auth,
            request_timeout=(5.0, 30.0),
        )
        return Statement(
            str(self.cluster), sql, http, request, seconds, cancel or CancelToken(), on_progress,
            most_read,
        )  # fmt: skip

    def rows(self, sql: str, *, user: str, seconds: float = 60.0) -> Page:
        """All rows of a short statement; raises as reading a ``Statement`` does."""
        with self.start(sql, user=user, seconds=seconds) as statement:
            return [list(row) for page in statement.pages() for row in page]

    def close(self) -> None:
        """Close idle connections; safe to call twice."""
        self._pool.close()

    def _session(self) -> requests.Session:
        """A session of its own for each statement, over connections that all share."""
        http = requests.Session()
        http.trust_env = not _is_loopback(self._host)  # a proxy cannot reach this machine's ports
        http.verify = self.cluster.verify
        if self.cluster.auth is not None:
            self.cluster.auth.set_http_session(http)
        transport: BaseAdapter = self._pool
        if self.cluster.kind == "presto":
            transport = PrestoTransport(transport)
        for scheme in ("http://", "https://"):
            http.mount(scheme, SentOnce(transport))
        return http


def _sendable(text: str) -> bool:
    return text.isprintable() and text == text.strip() and all(ord(c) < 256 for c in text)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
