"""Runner: an assistant and cases go in, outcomes come out one by one, each logged first."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from nlq_evals.assistant import Assistant
from nlq_evals.log import RunLog
from nlq_evals.outcome import Outcome, score
from nlq_evals.solver import Solved, solve
from nlq_evals.suite import Case

OnOutcome = Callable[[Outcome, int, int, float], None]
"""Called with the outcome, how many are done, how many there are, and seconds left (estimated)."""

OpenAssistant = Callable[[str], Assistant]
"""Opens the assistant over the lake of that name."""


def run(
    open_assistant: OpenAssistant,
    cases: Sequence[Case],
    log: RunLog,
    on_outcome: OnOutcome,
    workers: int = 1,
) -> tuple[Outcome, ...]:
    """Solve and score what the log lacks, and give all outcomes in the order of ``cases``.

    An assistant is opened over each lake that there is something to ask of, one after another, by
    each of the ``workers``. Scoring and logging stay in the caller's thread.
    """
    outcomes = log.done(cases)
    missing = [case for case in cases if case.id not in outcomes]
    missing.sort(key=lambda case: case.lake)
    started = time.perf_counter()
    solved = _solved if workers == 1 else _solved_at_once
    for position, (assistant, done) in enumerate(solved(open_assistant, missing, workers), start=1):
        outcome = score(assistant, done)
        log.add(outcome)
        outcomes[outcome.id] = outcome
        each = (time.perf_counter() - started) / position
        on_outcome(outcome, len(outcomes), len(cases), each * (len(missing) - position))
    return tuple(outcomes[case.id] for case in cases)


def _solved(
    open_assistant: OpenAssistant, cases: Sequence[Case], _: int = 1
) -> Iterator[tuple[Assistant, Solved]]:
    assistants: dict[str, Assistant] = {}
    for case in cases:
        if case.lake not in assistants:
            assistants = {case.lake: open_assistant(case.lake)}
        yield assistants[case.lake], solve(assistants[case.lake], case)


def _solved_at_once(
    open_assistant: OpenAssistant, cases: Sequence[Case], workers: int
) -> Iterator[tuple[Assistant, Solved]]:
    """The same by several threads, in whatever order they are done."""
    left = list(reversed(cases))
    out: queue.SimpleQueue[tuple[Assistant, Solved] | Exception] = queue.SimpleQueue()
    opening = threading.Lock()

    def open_alone(lake: str) -> Assistant:
        # One at a time: the first to open a lake may have to index it.
        with opening:
            return open_assistant(lake)

    def taken() -> Iterator[Case]:
        while left:
            try:
                yield left.pop()
            except IndexError:  # another thread took the last one
                return

    def work() -> None:
        assistants: dict[str, Assistant] = {}
        try:
            for case in taken():
                if case.lake not in assistants:
                    assistants = {case.lake: open_alone(case.lake)}
                out.put((assistants[case.lake], solve(assistants[case.lake], case)))
        except Exception as exc:
            out.put(exc)

    for number in range(min(workers, len(cases))):
        threading.Thread(target=work, name=f"ask-{number}", daemon=True).start()
    try:
        for _ in cases:
            item = out.get()
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        left.clear()  # who is still asking ends with its question
