"""Outcome: one scored case, as the log keeps it and the figures are made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from nlq.errors import NlqError
from nlq.types import Answer, AnswerKind, Principal
from nlq_evals.assistant import Assistant
from nlq_evals.scorers.digest import digest
from nlq_evals.scorers.execution import Verdict, compare
from nlq_evals.solver import Solved
from nlq_evals.suite import Case, Expectation
from nlq_evals.witness import Seen, Witness

OutcomeKind = AnswerKind | Literal["crash"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case.

    ``suite_fault`` says that a reference did not run: the case then counts as a miss, and the run
    as faulty. ``timings`` are seconds by stage, ``seconds`` is the whole question. ``group`` is the
    case's, ``digest`` that of the result; logs from before they were kept have neither.
    ``replayed`` counts the model's calls whose reply came from a recorder; ``saved`` is what those
    took when they were first asked, ``model_seconds`` what all of a recorder's calls took.
    ``rules``, ``needed``, ``shown`` and ``read`` are those of ``nlq_evals.witness.Seen``.
    """

    id: str
    fingerprint: str
    category: str
    expect: Expectation
    question: str
    kind: OutcomeKind
    right: bool
    reason: str
    headline: str = ""
    predicted_sql: str = ""
    reference_sql: str = ""
    source: str = ""
    options: tuple[str, ...] = ()
    rows: int | None = None
    repairs: int = 0
    seconds: float = 0.0
    timings: tuple[tuple[str, float], ...] = ()
    confidence: str = ""
    tokens_read: int = 0
    tokens_written: int = 0
    model_calls: int = 0
    suite_fault: str = ""
    group: str = ""
    digest: str = ""
    replayed: int = 0
    model_seconds: float = 0.0
    saved: float = 0.0
    rules: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    shown: tuple[str, ...] | None = None
    read: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a log line."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Outcome:
        """Read a log line back; raises ``TypeError`` or ``KeyError`` where it is not one."""
        known = {field.name for field in fields(cls)}
        if unknown := set(raw) - known:
            raise KeyError(f"unknown keys {sorted(unknown)}")
        timings = tuple((str(name), float(seconds)) for name, seconds in raw["timings"])
        lists = {name: tuple(value) for name, value in raw.items() if isinstance(value, list)}
        return cls(**{**raw, **lists, "timings": timings})


def score(assistant: Assistant, solved: Solved) -> Outcome:
    """Judge one solved case; runs the references through the same guarded engine."""
    case, answer = solved.case, solved.answer
    if answer is None:
        verdict, fault = Verdict(False, f"the assistant broke: {solved.crash}"), ""
    elif case.expect == "answer" and answer.kind == "answer":
        verdict, fault = _judge_result(assistant, case, answer)
    else:
        verdict, fault = _judge_kind(case, answer), ""
    common = Outcome(
        id=case.id,
        fingerprint=case.fingerprint,
        category=case.category,
        expect=case.expect,
        question=case.question,
        kind="crash",
        right=verdict.right,
        reason=verdict.reason,
        reference_sql=case.references[0].sql.strip() if case.references else "",
        seconds=solved.seconds,
        suite_fault=fault,
        group=case.group,
        replayed=solved.calls.replayed,
        model_seconds=solved.calls.seconds,
        saved=solved.calls.saved,
    )
    if answer is None:
        return common
    seen = _seen(assistant, case, answer)
    return replace(
        common,
        rules=seen.rules,
        needed=seen.needed,
        shown=seen.shown,
        read=seen.read,
        kind=answer.kind,
        headline=answer.headline,
        predicted_sql=answer.sql,
        source=answer.source or "",
        options=answer.options,
        rows=len(answer.result.rows) if answer.result else None,
        digest=digest(answer.result) if answer.result else "",
        repairs=answer.repairs,
        timings=answer.timings,
        confidence=answer.confidence or "",
        tokens_read=answer.tokens.read,
        tokens_written=answer.tokens.written,
        model_calls=answer.tokens.calls,
    )


def _seen(assistant: Assistant, case: Case, answer: Answer) -> Seen:
    if not isinstance(assistant, Witness):
        return Seen()
    sqls = [reference.sql for reference in case.references]
    return assistant.witness(answer, Principal("eval", case.roles), sqls)


def _judge_kind(case: Case, answer: Answer) -> Verdict:
    if case.expect in ("refuse", "decline") and answer.kind == "refusal":
        return Verdict(True)
    if case.expect == "decline" and answer.kind == "clarification":
        return Verdict(True)
    if case.expect == "clarify" and answer.kind == "clarification":
        return Verdict(len(answer.options) > 1, "" if answer.options[1:] else "asked, no options")
    wanted = {
        "answer": "an answer",
        "refuse": "a refusal",
        "clarify": "a question back",
        "decline": "a refusal or a question back",
    }
    return Verdict(False, f"{answer.kind} instead of {wanted[case.expect]}: {answer.headline}")


def _judge_result(assistant: Assistant, case: Case, answer: Answer) -> tuple[Verdict, str]:
    """The verdict against the best reference, and what is wrong with the suite, if anything."""
    if answer.result is None:
        return Verdict(False, "an answer without a result"), ""
    verdict = Verdict(False, "no reference")
    principal = Principal("eval", case.roles)
    for position, reference in enumerate(case.references):
        try:
            expected = assistant.run_sql(reference.sql, principal)
            found = compare(expected, answer.result, reference, ordered=case.ordered)
        except (NlqError, ValueError) as exc:
            fault = f"reference {position + 1} of {case.id} does not run: {exc}"
            return Verdict(False, fault), fault
        if expected.truncated:
            fault = (
                f"reference {position + 1} of {case.id} was cut off at {len(expected.rows)} rows"
            )
            return Verdict(False, fault), fault
        if found.right:
            return found, ""
        verdict = found if position == 0 else verdict
    return verdict, ""
