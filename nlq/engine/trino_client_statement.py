"""One statement on a server, from its submission to its end; pages of rows leave as they come.

A thread of its own reads the pages, so that whoever waits hears of a cancel or of the time limit
within a tenth of a second even where the server says nothing. No statement is ever sent twice.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import requests
from requests.adapters import BaseAdapter
from trino.client import TrinoQuery, TrinoRequest
from trino.exceptions import TrinoQueryError

from nlq.answer.formats import format_bytes
from nlq.cancel import CancelToken
from nlq.engine.base import OnProgress
from nlq.engine.trino_client_errors import SubmissionUnanswered, translated
from nlq.engine.trino_client_values import PageReader, Row
from nlq.errors import Cancelled, EngineUnavailable, NlqError, QueryTimeout, TooCostly
from nlq.types import ResultColumn

Page = list[list[Any]]

_RETRIED: Final = (429, 502, 503, 504)  # what the client would send again
_TURNED_AWAY: Final = (429, 503)  # of these, what says that it takes none now
_WATCH_EVERY: Final = 0.1  # seconds between looks at the clock and the cancel token
_KILL_WITHIN: Final = 2.0  # seconds for the server to hear of a cancel
_ENDED: Final = 204  # the server's answer to a cancel of a query that it has
_CHUNK: Final = 1_000  # rows taken at a time where the client gives an iterator
_STATES: Final = {
    "QUEUED": "Waiting in the queue",
    "WAITING_FOR_PREREQUISITES": "Waiting in the queue",
    "WAITING_FOR_RESOURCES": "Waiting for workers",
    "DISPATCHING": "Planning",
    "PLANNING": "Planning",
    "STARTING": "Starting",
}


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
        most_read: int | None,
    ) -> None:
        self._server = server
        self._http = http
        self._request = request
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._cancel = cancel
        self._on_progress = on_progress
        self._most_read = most_read
        self._query = _WatchedQuery(request, sql, self._heard)
        self._values: PageReader | None = None
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

    @property
    def read_bytes(self) -> int | None:
        """What the server read for it as far as it told; None before it told anything.

        Trino tells what it got from storage, PrestoDB has one number for that and for generated
        rows: both are what their own caps count.
        """
        stats = self._query.stats
        told = stats.get("physicalInputBytes", stats.get("processedBytes"))
        return told if isinstance(told, int) else None

    def __enter__(self) -> Statement:
        self._cancel.check()
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        if not self._over:
            self._end()

    @property
    def values(self) -> PageReader:
        """What makes and weighs its rows; of no columns before the first page."""
        if self._values is None:
            if not self._query._columns:
                return PageReader(())
            self._values = PageReader(self._query._columns)
        return self._values

    def pages(self) -> Iterator[list[Row]]:
        """Pages of rows of plain values, the first one also where it is empty.

        Raises ``Cancelled``, ``QueryTimeout``, ``QueryFailed``, ``ResultTooLarge``, ``TooCostly``
        and ``EngineUnavailable``.
        """
        while (item := self._next()) is not None:
            if isinstance(item, Exception):
                self._over = isinstance(item, TrinoQueryError)
                if isinstance(item, NlqError):
                    raise item
                raise self._error(item) from item
            yield self._plain(item)
        self._over = True

    def _error(self, raised: Exception) -> Exception:
        error = translated(raised, self._server, taken=bool(self.id))
        if isinstance(error, EngineUnavailable) and error.cause == "lost" and self._end():
            return EngineUnavailable(
                f"{error.message} It was ended there.", hint=error.hint, cause="down"
            )
        return error or raised

    def _plain(self, page: Page) -> list[Row]:
        try:
            return self.values.rows(page)
        except (ValueError, OverflowError) as exc:
            raise translated(exc, self._server, taken=True) or exc from exc

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

    def _heard(self, stats: Mapping[str, Any]) -> None:
        """Called with the server's last answer before each further page, in the reader's thread."""
        if self._left.is_set():
            # Whoever left while the statement was being sent had no address to cancel it at.
            self._kill()
            raise _LeftError
        read = self.read_bytes or 0
        if self._on_progress is not None:
            share = stats.get("progressPercentage")
            state = _STATES.get(str(stats.get("state")), "Running")
            words = f"{state}, {format_bytes(read)} read" if read else state
            self._on_progress(words, None if share is None else min(1.0, share / 100))
        if self._most_read is not None and read > self._most_read:
            raise TooCostly(
                f"The query had read {format_bytes(read)} and was stopped: it may read "
                f"{format_bytes(self._most_read)}.",
                hint="Ask for fewer days, fewer columns or a narrower filter.",
            )

    def _end(self) -> bool:
        """End it on the server; whether that said so in time."""
        if not self._over:
            killer = threading.Thread(target=self._kill, name="nlq-kill", daemon=True)
            killer.start()
            killer.join(_KILL_WITHIN)
        return self._over

    def _kill(self) -> None:
        uri = self._request.next_uri
        if uri is not None:
            # Not heard: the server ends it by its own limit, or since nobody reads it.
            with suppress(requests.RequestException):
                self._over |= self._http.delete(uri, timeout=_KILL_WITHIN).status_code == _ENDED


class _WatchedQuery(TrinoQuery):  # type: ignore[misc]  # the client has no types
    """Tells its progress before each page, and leaves values as the protocol has them.

    The client's own callback gets a deep copy of all statistics each time, which costs more than
    the rest of a short statement.
    """

    def __init__(
        self, request: TrinoRequest, sql: str, heard: Callable[[Mapping[str, Any]], None]
    ) -> None:
        super().__init__(request, sql, legacy_primitive_types=True)
        self._heard = heard

    def fetch(self) -> Any:
        """The next page; see the client."""
        self._heard(self.stats)
        return super().fetch()


class _LeftError(Exception):
    """Nobody waits for the statement any more."""


class SentOnce(BaseAdapter):
    """Turns a failed submission into an error that the client does not answer by another."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send it; raises ``SubmissionUnanswered`` for a POST without a usable answer."""
        if request.method != "POST":
            return self._whole(request, *args, **kwargs)
        try:
            response = self._inner.send(request, *args, **kwargs)
        except requests.RequestException as exc:
            raise SubmissionUnanswered(str(exc)) from exc
        if response.status_code in _RETRIED:
            busy = response.status_code in _TURNED_AWAY
            raise SubmissionUnanswered(f"status {response.status_code}", busy=busy)
        if response.ok and not response.content.strip():
            raise SubmissionUnanswered("an empty answer")
        return response

    def _whole(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """A page whole, or a ``ConnectionError``, by which the client asks for it again."""
        try:
            response = self._inner.send(request, *args, **kwargs)
            response.content  # noqa: B018 (it is read here, where what cuts it off is caught)
        except requests.exceptions.ChunkedEncodingError as exc:
            raise requests.ConnectionError(f"cut off: {exc}") from exc
        return response

    def close(self) -> None:
        """Nothing: the connections are the client's."""


def _type_name(told: str) -> str:
    """A type as Presto writes it; Trino writes some in capitals and all with spaces."""
    return told if '"' in told else told.lower().replace(", ", ",")
