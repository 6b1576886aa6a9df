"""Check a suite: cases in, what is wrong with their reference SQL out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlq.errors import NlqError
from nlq.types import Principal
from nlq_evals.assistant import Assistant
from nlq_evals.scorers.execution import compare
from nlq_evals.suite import Case


def faults(assistant: Assistant, cases: Sequence[Case]) -> Iterator[str]:
    """Run every reference as the case's principal; yield one line for each that is no good.

    No good is: it does not run, its rules name columns that it lacks, it is cut off, or it gives
    nothing (all empty or null) in a case that does not say ``may_be_empty``.
    """
    for case in cases:
        principal = Principal("eval", case.roles)
        for position, reference in enumerate(case.references, start=1):
            where = f"{case.id}, reference {position}"
            try:
                result = assistant.run_sql(reference.sql, principal)
                compare(result, result, reference, ordered=case.ordered)
            except (NlqError, ValueError) as exc:
                yield f"{where}: {exc}"
                continue
            if result.truncated:
                yield f"{where}: cut off at {len(result.rows)} rows"
            values = {value for row in result.rows for value in row if not isinstance(value, list)}
            if not case.may_be_empty and values <= {None}:
                yield f"{where}: gives nothing"
