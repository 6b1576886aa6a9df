"""One statement at a time on a PrestoDB or Trino server, through the `trino` client.

SQL text and a user enter; pages of raw rows leave, as they come. This is the lower half of the
engines (which take only a ``GuardedQuery``), and what development servers are set up with.

A thread of its own reads the pages, so that whoever waits hears of a cancel or of the time limit
within a tenth of a second even where the server says nothing. No statement is ever sent twice.
"""

from __future__ import annotations

import ipaddress
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from trino.auth import Authentication
from trino.client import ClientSession, TrinoQuery, TrinoRequest
from trino.exceptions import TrinoQueryError

from nlq.cancel import CancelToken
from nlq.engine.base import OnProgress
from nlq.engine.presto_transport import PrestoTransport
from nlq.engine.trino_client_errors import SubmissionUnanswered, translated
from nlq.errors import Cancelled, EngineUnavailable, QueryFailed, QueryTimeout, SettingsError
from nlq.types import ResultColumn

Kind = Literal["presto", "trino"]
Page = list[list[Any]]

BRAND: Final[Mapping[Kind, str]] = {"presto": "PrestoDB", "trino": "Trino"}
_RETRIED: Final = (429, 502, 503, 504)  # what the client would send again
_WATCH_EVERY: Final = 0.1  # seconds between looks at the clock and the cancel token
_KILL_WITHIN: Final = 2.0  # seconds for the server to hear of a cancel
_CHUNK: Final = 1_000  # rows taken at a time where the client gives an iterator


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

        Raises ``EngineUnavailable`` where it cannot be reached or is still starting.
        """
        try:
            with self._session().get(f"{self.cluster.url.rstrip('/')}/v1/info", timeout=5) as got:
                if not got.ok:
                    raise EngineUnavailable(
                        f"{self.cluster} answered with status {got.status_code}.",
                        hint="Check the address, and the user's password or token.",
                    )
                info = got.json()
            starting, version = info.get("starting"), info["nodeVersion"]["version"]
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise EngineUnavailable(
                f"What answers at {self.cluster.url} is not {BRAND[self.cluster.kind]}.",
                hint="Check the address.",
            ) from exc
        except requests.RequestException as exc:
            raise translated(exc, str(self.cluster)) or exc from exc
        if starting:
            raise EngineUnavailable(f"{self.cluster} is still starting.", hint="Wait a minute.")
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
    ) -> Statement:
        """Send a statement as ``user``; it ends after ``seconds`` or on cancel.

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
                properties={**self.cluster.session, **(session or {})},
                timezone=self.cluster.timezone,
            ),
            http_session=http,
            http_scheme=self._scheme,
            auth=self.cluster.auth,
            request_timeout=(5.0, 30.0),
        )
        return Statement(
            str(self.cluster), sql, http, request, seconds, cancel or CancelToken(), on_progress
        )

    def rows(self, sql: str, *, user: str, seconds: float = 60.0) -> Page:
        """All rows of a short statement; raises as reading a ``Statement`` does."""
        with self.start(sql, user=user, seconds=seconds) as statement:
            return [row for page in statement.pages() for row in page]

    def close(self) -> None:
        """Close idle connections; safe to call twice."""
        self._pool.close()

    def _session(self) -> requests.Session:
        """A session of its own for each statement, over connections that all share."""
        http = requests.Session()
        http.trust_env = not _is_loopback(self._host)  # a proxy cannot reach this machine's ports
        http.verify = self.cluster.verify
        transport: BaseAdapter = self._pool
        if self.cluster.kind == "presto":
            transport = PrestoTransport(transport)
        for scheme in ("http://", "https://"):
            http.mount(scheme, _SentOnce(transport))
        return http


class Statement:
    """A statement from its submission to its end; leaving the context ends it on the server."""

    def __init__(
        self,
        server: str,
        sql: str,
        http: requests.Session,
        request: TrinoRequest,
        seconds: float,
        cancel: CancelToken,
        on_progress: OnProgress | None,
    ) -> None:
        self._server = server
        self._http = http
        self._request = request
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._cancel = cancel
        self._on_progress = on_progress
        self._query = TrinoQuery(request, sql, stats_callback=self._heard)
        self._inbox: queue.Queue[Page | Exception | None] = queue.Queue(maxsize=2)
        self._left = threading.Event()
        self._over = False
        self._reader = threading.Thread(target=self._read, name="nlq-statement", daemon=True)

    @property
    def id(self) -> str:
        """The server's id for it; empty before the server answered."""
        return self._query.query_id or ""

    @property
    def columns(self) -> tuple[ResultColumn, ...]:
        """Its columns; empty before the first page, and for a statement without result."""
        found = self._query._columns or ()  # the public property would fetch, from this thread
        return tuple(ResultColumn(c["name"], _type_name(c["type"])) for c in found)

    def __enter__(self) -> Statement:
        self._cancel.check()
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        if not self._over:
            killer = threading.Thread(target=self._kill, name="nlq-kill", daemon=True)
            killer.start()
            killer.join(_KILL_WITHIN)

    def pages(self) -> Iterator[Page]:
        """Pages of rows as the client has them, the first one also where it is empty.

        Raises ``Cancelled``, ``QueryTimeout``, ``QueryFailed``, ``ResultTooLarge`` and
        ``EngineUnavailable``.
        """
        while (item := self._next()) is not None:
            if isinstance(item, Exception):
                self._over = isinstance(item, TrinoQueryError)
                raise translated(item, self._server) or item from item
            yield item
        self._over = True

    def _next(self) -> Page | Exception | None:
        while True:
            if self._cancel.cancelled:
                raise Cancelled
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise QueryTimeout(
                    f"The query ran past its limit of {self._seconds:g} s.",
                    hint="Narrow it to fewer days, or raise engine.seconds.",
                )
            with suppress(queue.Empty):
                return self._inbox.get(timeout=min(_WATCH_EVERY, left))

    def _read(self) -> None:
        """Fetch until the end, in the reader's thread."""
        try:
            result = self._query.execute()
            self._hand_over(result.rows)
            while not self._query.finished:
                self._hand_over(self._query.fetch())
            self._put(None)
        except _LeftError:
            return
        except Exception as exc:
            with suppress(_LeftError):
                self._put(exc)

    def _hand_over(self, rows: Any) -> None:
        if isinstance(rows, list):
            self._put(rows)
            return
        chunk: Page = []
        for row in rows:  # Trino's spooled segments, decoded as they are read
            chunk.append(row)
            if len(chunk) == _CHUNK:
                self._put(chunk)
                chunk = []
        self._put(chunk)

    def _put(self, item: Page | Exception | None) -> None:
        while not self._left.is_set():
            with suppress(queue.Full):
                self._inbox.put(item, timeout=_WATCH_EVERY)
                return
        raise _LeftError

    def _heard(self, stats: dict[str, Any]) -> None:
        """Called by the client at each answer of the server, in the reader's thread."""
        if self._left.is_set():
            # Whoever left while the statement was being sent had no address to cancel it at.
            self._kill()
            raise _LeftError
        if self._on_progress is not None:
            share = stats.get("progressPercentage")
            state = _STATES.get(str(stats.get("state")), "Running")
            self._on_progress(state, None if share is None else min(1.0, share / 100))

    def _kill(self) -> None:
        uri = self._request.next_uri
        if uri is not None:
            # Not heard: the server ends it by its own limit, or since nobody reads it.
            with suppress(requests.RequestException):
                self._http.delete(uri, timeout=_KILL_WITHIN)


_STATES: Final = {
    "QUEUED": "Waiting in the queue",
    "WAITING_FOR_PREREQUISITES": "Waiting in the queue",
    "WAITING_FOR_RESOURCES": "Waiting for workers",
    "DISPATCHING": "Planning",
    "PLANNING": "Planning",
    "STARTING": "Starting",
}


class _LeftError(Exception):
    """Nobody waits for the statement any more."""


class _SentOnce(BaseAdapter):
    """Turns a failed submission into an error that the client does not answer by another."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send it; raises ``SubmissionUnanswered`` for a POST without a usable answer."""
        if request.method != "POST":
            return self._inner.send(request, *args, **kwargs)
        try:
            response = self._inner.send(request, *args, **kwargs)
        except requests.RequestException as exc:
            raise SubmissionUnanswered(str(exc)) from exc
        if response.status_code in _RETRIED:
            raise SubmissionUnanswered(f"status {response.status_code}")
        if response.ok and not response.content.strip():
            raise SubmissionUnanswered("an empty answer")
        return response

    def close(self) -> None:
        """Nothing: the connections are the client's."""


def _type_name(told: str) -> str:
    """A type as Presto writes it; Trino writes some in capitals and all with spaces."""
    return told if '"' in told else told.lower().replace(", ", ",")


def _sendable(text: str) -> bool:
    return text.isprintable() and text == text.strip() and all(ord(c) < 256 for c in text)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
