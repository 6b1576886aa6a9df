"""Runner: an assistant and cases go in, outcomes come out one by one, each logged first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from nlq_evals.assistant import Assistant
from nlq_evals.log import RunLog
from nlq_evals.outcome import Outcome, score
from nlq_evals.solver import solve
from nlq_evals.suite import Case

OnOutcome = Callable[[Outcome, int, int, float], None]
"""Called with the outcome, how many are done, how many there are, and seconds left (estimated)."""


def run(
    open_assistant: Callable[[str], Assistant],
    cases: Sequence[Case],
    log: RunLog,
    on_outcome: OnOutcome,
) -> tuple[Outcome, ...]:
    """Solve and score what the log lacks, and give all outcomes in the order of ``cases``.

    An assistant is opened over each lake that there is something to ask of, one after another.
    """
    outcomes = log.done(cases)
    missing = [case for case in cases if case.id not in outcomes]
    missing.sort(key=lambda case: case.lake)
    started = time.perf_counter()
    assistants: dict[str, Assistant] = {}
    for position, case in enumerate(missing, start=1):
        if case.lake not in assistants:
            assistants = {case.lake: open_assistant(case.lake)}
        assistant = assistants[case.lake]
        outcome = score(assistant, solve(assistant, case))
        log.add(outcome)
        outcomes[case.id] = outcome
        each = (time.perf_counter() - started) / position
        on_outcome(outcome, len(outcomes), len(cases), each * (len(missing) - position))
    return tuple(outcomes[case.id] for case in cases)
