"""Solver: a case goes in, is asked of the assistant, and what came of it leaves as a ``Solved``."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from nlq.types import Answer, Principal, Turn
from nlq_evals.assistant import Assistant, Calls, Counted
from nlq_evals.suite import Case


@dataclass(frozen=True, slots=True)
class Solved:
    """A case's answer (None where the assistant broke: ``crash`` says how) and its seconds.

    ``seconds`` and ``calls`` (of a recorder) are for the case's own question; those before it are
    not counted.
    """

    case: Case
    answer: Answer | None
    seconds: float
    crash: str = ""
    calls: Calls = field(default_factory=Calls)


def solve(assistant: Assistant, case: Case) -> Solved:
    """Ask the earlier questions in order, then the case's own, in one conversation."""
    principal = Principal("eval", case.roles)
    conversation: tuple[Turn, ...] = ()
    started, calls = time.perf_counter(), _calls(assistant)
    try:
        for earlier in case.before:
            turn = assistant.ask(earlier, principal=principal, conversation=conversation).turn
            if turn is not None:
                conversation = (*conversation, turn)
        started, calls = time.perf_counter(), _calls(assistant)
        answer = assistant.ask(
            case.question, principal=principal, conversation=conversation, notes=case.notes
        )
    except Exception as exc:  # one broken case must not end a run of an hour
        seconds, crash = time.perf_counter() - started, f"{type(exc).__name__}: {exc}"
        return Solved(case, None, seconds, crash, _calls(assistant) - calls)
    seconds = time.perf_counter() - started
    return Solved(case, answer, seconds, calls=_calls(assistant) - calls)


def _calls(assistant: Assistant) -> Calls:
    return assistant.calls if isinstance(assistant, Counted) else Calls()
