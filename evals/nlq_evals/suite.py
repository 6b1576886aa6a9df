"""Suites: a YAML file goes in, a ``Suite`` of frozen cases comes out.

Format of the file (docs/evals.md explains each key)::

    version: 1
    name: sample
    cases:
      - id: revenue-last-quarter
        category: metric
        question: What was revenue last quarter?
        paraphrases: [Revenue Q2?]
        references:
          - sql: SELECT ...
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Category = Literal[
    "single_table",
    "join",
    "time_comparison",
    "top_n",
    "ratio",
    "metric",
    "follow_up",
    "unanswerable",
    "ambiguous",
    "forbidden",
]
Expectation = Literal["answer", "refuse", "clarify", "decline"]
"""``"decline"`` is a refusal or a question back, as outside benchmarks count either."""

CATEGORIES: tuple[Category, ...] = get_args(Category)
_EXPECTED: dict[Category, Expectation] = {
    "unanswerable": "refuse",
    "forbidden": "refuse",
    "ambiguous": "clarify",
}


class SuiteError(Exception):
    """A suite file is missing or wrong; says where and what."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One acceptable answer: Presto SQL, and how its columns are to be compared.

    Of the columns in ``any_of`` (the reference's own names) at least one must be predicted, of all
    others each. Columns in ``ratios`` hold ratios (0.97) that may also come as percent (97).
    """

    sql: str
    any_of: tuple[str, ...] = ()
    ratios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what a right outcome is.

    ``before`` are earlier questions of the same conversation, oldest first. ``references`` is empty
    unless ``expect`` is ``"answer"``; one match is enough. ``ordered`` compares rows in order.
    ``notes`` are business rules that come with the question; ``lake`` names the database of an
    outside benchmark. ``category`` is one of ``CATEGORIES``, or the benchmark's own. ``group`` is
    the id of the first of several wordings of one question, on each of them.
    """

    id: str
    category: str
    question: str
    expect: Expectation = "answer"
    before: tuple[str, ...] = ()
    roles: tuple[str, ...] = ("analyst",)
    references: tuple[Reference, ...] = ()
    ordered: bool = False
    may_be_empty: bool = False
    note: str = ""
    notes: str = ""
    lake: str = ""
    # Not part of the repr, and so of the fingerprint: it decides no score.
    group: str = field(default="", repr=False)

    @property
    def fingerprint(self) -> str:
        """Changes when anything that decides the score does (twelve hex digits)."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases in the order of the file."""

    name: str
    cases: tuple[Case, ...]


def chosen(
    cases: tuple[Case, ...],
    *,
    only: tuple[str, ...] = (),
    category: str = "",
    limit: int | None = None,
) -> tuple[Case, ...]:
    """The cases to run; raises ``SuiteError`` for an id or category that none of them has."""
    if unknown := [name for name in only if name not in {case.id for case in cases}]:
        raise SuiteError(f"There is no case {', '.join(unknown)}.")
    if category and category not in (known := sorted({case.category for case in cases})):
        raise SuiteError(f"There is no category {category}; use {', '.join(known)}.")
    picked = tuple(
        case
        for case in cases
        if (not only or case.id in only) and (not category or case.category == category)
    )
    return picked[:limit]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Reference(_Model):
    sql: str = Field(min_length=1)
    any_of: tuple[str, ...] = ()
    ratios: tuple[str, ...] = ()


class _Case(_Model):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    category: Category
    question: str = Field(min_length=1)
    paraphrases: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    expect: Expectation | None = None
    before: tuple[str, ...] = ()
    roles: tuple[str, ...] = ("analyst",)
    references: tuple[_Reference, ...] = ()
    ordered: bool = False
    may_be_empty: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> _Case:
        if self.expect is None:
            self.expect = _EXPECTED.get(self.category, "answer")
        if (self.expect == "answer") != bool(self.references):
            raise ValueError("references are for cases that expect an answer, and only those")
        if (self.category == "follow_up") != bool(self.before):
            raise ValueError("follow_up cases, and only those, have earlier questions in before")
        return self


class _File(_Model):
    version: Literal[1] = 1
    name: str
    cases: tuple[_Case, ...]


def load_suite(path: Path) -> Suite:
    """Read a suite; raises ``SuiteError`` naming the file, the case and the mistake."""
    try:
        raw: Any = yaml.safe_load(path.read_text("utf-8"))
        parsed = _File.model_validate(raw or {})
    except OSError as exc:
        raise SuiteError(f"{path} cannot be read: {exc.strerror}.") from exc
    except yaml.YAMLError as exc:
        raise SuiteError(f"{path} is not readable YAML: {exc}") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        raise SuiteError(f"{path}: {_place(raw, first['loc'])}: {first['msg']}.") from exc
    cases = tuple(wording for case in parsed.cases for wording in _wordings(case))
    counts = Counter(case.id for case in cases)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise SuiteError(f"{path}: the case {twice[0]} is there twice.")
    return Suite(parsed.name, cases)


def _wordings(case: _Case) -> Iterator[Case]:
    """The case, then one for each paraphrase: ``ID-p1``, ``ID-p2`` and so on."""
    fields = {key: value for key, value in case if key not in ("references", "paraphrases")}
    references = tuple(Reference(**reference.model_dump()) for reference in case.references)
    first = Case(**fields, references=references, group=case.id if case.paraphrases else "")
    yield first
    for number, question in enumerate(case.paraphrases, start=1):
        yield replace(first, id=f"{case.id}-p{number}", question=question)


def _place(raw: Any, loc: tuple[int | str, ...]) -> str:
    """Where a mistake is, with the case's id in place of its number."""
    parts = [str(part) for part in loc]
    if len(loc) > 1 and loc[0] == "cases" and isinstance(loc[1], int):
        entry = raw["cases"][loc[1]]
        parts[1] = str(entry.get("id", loc[1])) if isinstance(entry, dict) else parts[1]
    return ".".join(parts)
