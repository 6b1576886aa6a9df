"""What the `trino` client raises enters, an ``nlq.errors`` error leaves."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfoNotFoundError

from requests import exceptions as http
from trino import exceptions as trino

from nlq.errors import EngineError, EngineUnavailable, QueryFailed, QueryTimeout, ResultTooLarge

_NARROW: Final = "Narrow it: fewer days, fewer columns, or aggregate earlier."

_LATER: Final = {
    "SERVER_STARTING_UP": "is still starting",
    "SERVER_SHUTTING_DOWN": "is shutting down",
    "NO_NODES_AVAILABLE": "has no worker at hand",
    "QUERY_QUEUE_FULL": "has a full queue",
    "TOO_MANY_REQUESTS_FAILED": "lost touch with its workers",
    "REMOTE_TASK_ERROR": "lost touch with its workers",
    "REMOTE_HOST_GONE": "lost a worker",
    "WORKER_RESTARTED": "lost a worker",
    "NODE_DISCONNECTED": "lost a worker",
}
_TOO_MUCH: Final = {
    "EXCEEDED_CPU_LIMIT": "more processor time",
    "EXCEEDED_SCAN_RAW_BYTES_READ_LIMIT": "to read more bytes",
    "EXCEEDED_SCAN_LIMIT": "to read more bytes",
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
    """A statement was sent and no usable answer came, so it must not be sent again.

    No ``ConnectionError`` nor ``Timeout``, since the client sends those statements again.
    """


def translated(error: Exception, server: str) -> EngineError | None:
    """The error to raise for the client's; None for one that is not the client's.

    ``server`` is what to call the server ("Trino at http://127.0.0.1:8080").
    """
    match error:
        case trino.TrinoQueryError():
            return _of_query(error, server)
        case trino.TrinoConnectionError() | http.RequestException():
            return _of_connection(error, server)
        case trino.HttpError():
            return _of_status(str(error), server)
        case trino.TrinoDataError() | OverflowError() | ValueError() | ZoneInfoNotFoundError():
            return QueryFailed(
                f"{server} sent a value that Python cannot hold: {_line(str(error))}.",
                hint="Cast that column to varchar.",
            )
    return None


def _of_query(error: trino.TrinoQueryError, server: str) -> EngineError:
    name, told = error.error_name or "", _line(error.message)
    if name in _LATER:
        return EngineUnavailable(
            f"{server} {_LATER[name]}: {told}.", hint="Ask again in a while, or use another engine."
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


def _of_connection(error: Exception, server: str) -> EngineUnavailable:
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) and isinstance(
        cause, Exception
    ):
        causes.append(cause)
    if any(isinstance(c, http.ConnectTimeout) or "NewConnection" in repr(c) for c in causes):
        return EngineUnavailable(
            f"{server} cannot be reached.", hint="Check that it runs, and its address."
        )
    if any(isinstance(c, http.SSLError) for c in causes):
        return EngineUnavailable(
            f"{server} shows a certificate that is not trusted.",
            hint="Name the certificate authority's file, or correct the address.",
        )
    if any(isinstance(c, SubmissionUnanswered) for c in causes):
        return EngineUnavailable(
            f"{server} did not answer when the query was sent: {_line(str(error))}.",
            hint="It was not sent again, since it may be running. Ask again in a while.",
        )
    return EngineUnavailable(
        f"The connection to {server} was lost while the query ran.",
        hint="Ask again; if it stays away, check the server.",
    )


def _of_status(told: str, server: str) -> EngineUnavailable:
    if told.startswith(("error 401", "error 403")):
        return EngineUnavailable(
            f"{server} refuses the connection: {_line(told)}.",
            hint="Check the user's name, the password or the token.",
        )
    return EngineUnavailable(
        f"{server} answered with an {_line(told)}.", hint="Ask again in a while."
    )


def _line(text: str) -> str:
    return " ".join(text.split())[:500].rstrip(" .")
