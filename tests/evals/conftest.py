"""A scripted assistant and short ways to make results, answers and cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from nlq_evals.suite import Case, Reference

from nlq.errors import QueryFailed
from nlq.types import (
    Answer,
    AnswerKind,
    Principal,
    QueryResult,
    ResultColumn,
    TokenUse,
    Turn,
)


def result_of(*names: str, rows: list[tuple[object, ...]], truncated: bool = False) -> QueryResult:
    columns = tuple(ResultColumn(name, "varchar") for name in names)
    return QueryResult(columns, tuple(rows), truncated=truncated)


@dataclass
class ScriptedAssistant:
    """Answers from a script by question, and runs SQL by looking it up."""

    answers: dict[str, Answer] = field(default_factory=dict)
    results: dict[str, QueryResult] = field(default_factory=dict)
    asked: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    def ask(
        self,
        text: str,
        *,
        principal: Principal,
        conversation: tuple[Turn, ...] = (),
        notes: str = "",
    ) -> Answer:
        self.asked.append((text, tuple(t.question for t in conversation), principal.roles))
        if text not in self.answers:
            raise RuntimeError(f"no answer to {text}")
        return self.answers[text]

    def run_sql(self, sql: str, principal: Principal) -> QueryResult:
        if sql not in self.results:
            raise QueryFailed(f"no such table in {sql}")
        return self.results[sql]


MakeAnswer = Callable[..., Answer]


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def result() -> Callable[..., QueryResult]:
    return result_of


@pytest.fixture
def answer() -> MakeAnswer:
    def make(
        question: str,
        kind: AnswerKind = "answer",
        found: QueryResult | None = None,
        options: tuple[str, ...] = (),
    ) -> Answer:
        return Answer(
            id="a",
            question=question,
            kind=kind,
            headline=f"About {question}",
            sql="SELECT 1" if found else "",
            source="model" if found else None,
            result=found,
            options=options,
            tokens=TokenUse(100, 20, 1),
            timings=(("retrieve", 0.02), ("draft", 2.0), ("run", 0.1), ("draft", 1.0)),
            turn=Turn(question, question),
        )

    return make


@pytest.fixture
def case() -> Callable[..., Case]:
    def make(name: str = "one", **changes: object) -> Case:
        fields: dict[str, object] = {
            "id": name,
            "category": "metric",
            "question": f"question {name}",
            "references": (Reference("SELECT ref"),),
        }
        return Case(**{**fields, **changes})  # type: ignore[arg-type]

    return make
