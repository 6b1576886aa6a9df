"""What the `trino` client raises enters, an ``nlq.errors`` error leaves.

On both servers a submission only leaves the query's address, and the first page that is asked for
there starts it. So a query whose submission was not answered never runs.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfoNotFoundError

from requests import exceptions as http
from trino import exceptions as trino

from nlq.errors import (
    EngineUnavailable,
    NlqError,
    QueryFailed,
    QueryTimeout,
    ResultTooLarge,
    TooCostly,
    Unavailable,
)

_NARROW: Final = "Narrow it: fewer days, fewer columns, or aggregate earlier."

_NOT_TAKEN: Final = {  # it did not run, and may be sent again
    "SERVER_STARTING_UP": "is still starting",
    "SERVER_SHUTTING_DOWN": "is shutting down",
    "NO_NODES_AVAILABLE": "has no worker at hand",
    "QUERY_QUEUE_FULL": "has a full queue",
}
_WORKER_LOST: Final = {  # it failed, and runs no more
    "TOO_MANY_REQUESTS_FAILED": "lost touch with its workers",
    "REMOTE_TASK_ERROR": "lost touch with its workers",
    "REMOTE_HOST_GONE": "lost a worker",
    "WORKER_RESTARTED": "lost a worker",
    "NODE_DISCONNECTED": "lost a worker",
}
_SCANS_TOO_MUCH: Final = frozenset({"EXCEEDED_SCAN_RAW_BYTES_READ_LIMIT", "EXCEEDED_SCAN_LIMIT"})
_TOO_MUCH: Final = {
    "EXCEEDED_CPU_LIMIT": "more processor time",
    "EXCEEDED_LOCAL_MEMORY_LIMIT": "more memory",
    "EXCEEDED_GLOBAL_MEMORY_LIMIT": "more memory",
    "EXCEEDED_MEMORY_LIMIT": "more memory",
    "CLUSTER_OUT_OF_MEMORY": "more memory",
    "EXCEEDED_SPILL_LIMIT": "more room on disk",
}
_TOO_LARGE: Final = frozenset(
    {"EXCEEDED_OUTPUT_SIZE_LIMIT", "EXCEEDED_OUTPUT_POSITIONS_LIMIT", "RESULT_TOO_LARGE"}
)


class SubmissionUnanswered(http.RequestException):
    """A statement was sent and no usable answer came; ``busy``: it was turned away.

    No ``ConnectionError`` nor ``Timeout``, since the client sends those statements again.
    """

    def __init__(self, told: str, *, busy: bool = False) -> None:
        super().__init__(told)
        self.busy = busy


def translated(error: Exception, server: str, *, taken: bool) -> NlqError | None:
    """The error to raise for the client's; None for one that is not the client's.

    ``server`` is what to call the server ("Trino at http://127.0.0.1:8080"). ``taken`` says that
    it had answered the submission, so that the query may be running there.
    """
    match error:
        case trino.TrinoQueryError():
            return _of_query(error, server)
        case trino.TrinoConnectionError() | http.RequestException():
            return _of_connection(error, server, taken)
        case trino.HttpError():
            return _of_status(str(error), server, "lost" if taken else "down")
        case trino.TrinoDataError() | OverflowError() | ValueError() | ZoneInfoNotFoundError():
            return QueryFailed(
                f"{server} sent a value that Python cannot hold: {_line(str(error))}.",
                hint="Cast that column to varchar.",
            )
    return None


def refused(error: Exception) -> bool:
    """Whether it says for sure that nothing listens at the address."""
    return any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error))


def _of_query(error: trino.TrinoQueryError, server: str) -> NlqError:
    name, told = error.error_name or "", _line(error.message)
    if name in _NOT_TAKEN:
        return EngineUnavailable(
            f"{server} {_NOT_TAKEN[name]}: {told}.", hint="Ask again in a while.", cause="busy"
        )
    if name in _WORKER_LOST:
        return EngineUnavailable(
            f"{server} {_WORKER_LOST[name]} while the query ran: {told}.",
            hint="Ask again in a while.",
            cause="down",
        )
    if name in _SCANS_TOO_MUCH:
        return TooCostly(
            f"{server} stopped the query, which read more than it may: {told}.", hint=_NARROW
        )
    if name in _TOO_MUCH:
        return QueryFailed(
            f"The query needs {_TOO_MUCH[name]} than {server} allows: {told}.",
            hint=_NARROW,
            repairable=False,
        )
    if name in _TOO_LARGE:
        return ResultTooLarge(f"The result is larger than {server} allows: {told}.", hint=_NARROW)
    match name:
        case "EXCEEDED_TIME_LIMIT":
            return QueryTimeout(f"{server} stopped the query: {told}.", hint=_NARROW)
        case "PERMISSION_DENIED":
            return QueryFailed(
                f"{server} does not let this person run it: {told}.",
                hint="Ask the owner of the data for access.",
                repairable=False,
            )
        case "USER_CANCELED" | "ADMINISTRATIVELY_KILLED" | "ADMINISTRATIVELY_PREEMPTED":
            return QueryFailed(f"The query was stopped on {server}: {told}.", repairable=False)
    return QueryFailed(f"The query failed: {told}.", repairable=error.error_type == "USER_ERROR")


def _of_connection(error: Exception, server: str, taken: bool) -> EngineUnavailable:
    causes = list(_causes(error))
    if taken:
        return EngineUnavailable(
            f"The connection to {server} was lost while the query ran.",
            hint="Ask again; if it stays away, check the server.",
            cause="lost",
        )
    if any(isinstance(c, http.ConnectTimeout) or "NewConnection" in repr(c) for c in causes):
        return EngineUnavailable(
            f"{server} cannot be reached.", hint="Check that it runs, and its address."
        )
    if any(isinstance(c, ssl.SSLCertVerificationError) for c in causes):
        return EngineUnavailable(
            f"{server} shows a certificate that is not trusted.",
            hint="Name the certificate authority's file, or correct the address.",
        )
    busy = any(isinstance(c, SubmissionUnanswered) and c.busy for c in causes)
    return EngineUnavailable(
        f"{server} did not answer when the query was sent: {_line(str(error))}.",
        hint="It does not run there. Ask again in a while.",
        cause="busy" if busy else "down",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it; the HTTP libraries hand causes on in three ways."""
    pending, seen = [error], set[int]()
    while pending:
        cause = pending.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        further = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        pending += [other for other in further if isinstance(other, BaseException)]


def _of_status(told: str, server: str, cause: Unavailable) -> EngineUnavailable:
    if told.startswith(("error 401", "error 403")):
        return EngineUnavailable(
            f"{server} refuses the connection: {_line(told)}.",
            hint="Check the user's name, the password or the token.",
            cause=cause,
        )
    return EngineUnavailable(
        f"{server} answered with an {_line(told)}.", hint="Ask again in a while.", cause=cause
    )


def _line(text: str) -> str:
    return " ".join(text.split())[:500].rstrip(" .")
