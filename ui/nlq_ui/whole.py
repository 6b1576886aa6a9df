"""The whole result of an answer as a file: what is here of it goes in, every row is written."""

from __future__ import annotations

from pathlib import Path

from nlq.cancel import CancelToken
from nlq.errors import NlqError
from nlq.export import Kind, write_result
from nlq.types import Answer, Principal, QueryResult
from nlq_ui.opening import Assistant


def whole_result(
    answer: Answer | None,
    rows: int,
    assistant: Assistant,
    principal: Principal,
    *,
    cancel: CancelToken | None = None,
    confirmed: bool,
) -> QueryResult:
    """What is here where it is all; else the query runs again, as ``principal``.

    ``rows`` is how many the result had when it was computed. Raises what the run raises; not
    ``confirmed``, also ``TooCostly`` where the policy asks first.
    """
    if answer is None or answer.result is None:
        raise NlqError("There is no result to write.", hint="Ask again.")
    result = answer.result
    if not (result.truncated or answer.limited or len(result.rows) < rows):
        return result
    return assistant.full_result(
        answer, principal, cancel=cancel, interface="export", confirmed=confirmed
    )


def write_whole(result: QueryResult, folder: str, answer_id: str, kind: Kind) -> Path:
    """Write it to a file in ``folder``, named for its answer; returns the path."""
    path = Path(folder) / f"answer-{answer_id[:12]}.{kind}"
    write_result(result, path, kind)
    return path
