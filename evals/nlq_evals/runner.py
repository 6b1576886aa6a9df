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
    open_assistant: Callable[[], Assistant],
    cases: Sequence[Case],
    log: RunLog,
    on_outcome: OnOutcome,
) -> tuple[Outcome, ...]:
    """Solve and score what the log lacks, and give all outcomes in the order of ``cases``.

    The assistant is opened only when there is something to ask.
    """
    outcomes = log.done(cases)
    missing = [case for case in cases if case.id not in outcomes]
    if missing:
        assistant = open_assistant()
        started = time.perf_counter()
        for position, case in enumerate(missing, start=1):
            outcome = score(assistant, solve(assistant, case))
            log.add(outcome)
            outcomes[case.id] = outcome
            each = (time.perf_counter() - started) / position
            on_outcome(outcome, len(outcomes), len(cases), each * (len(missing) - position))
    return tuple(outcomes[case.id] for case in cases)
