"""Execution accuracy: a reference's and a prediction's result in, whether they agree out.

They agree when some mapping of the reference's columns to different predicted columns makes the
same multiset of rows (the same sequence, where order counts). Predicted columns may be more. This
is the rule of Yu et al., Spider (2018), with extra columns allowed as in defog's sql-eval.

The search maps one column at a time, the one with fewest candidates first, and drops a branch as
soon as the rows mapped so far differ; equal predicted columns are tried once. That keeps it far
from trying every permutation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlq.types import QueryResult
from nlq_evals.scorers.values import Cell, cell, near, same
from nlq_evals.suite import Reference

_Column = tuple[Cell, ...]
_Forms = tuple[_Column, ...]
_STEPS = 20_000
"""Column trials after which the search gives up; real results need a few dozen."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a prediction is right, and in words why not."""

    right: bool
    reason: str = ""


def compare(
    reference: QueryResult, predicted: QueryResult, rule: Reference, *, ordered: bool = False
) -> Verdict:
    """Judge ``predicted`` against one reference result.

    Raises ``ValueError`` when ``rule`` names a column that the reference result does not have.
    """
    names = [column.name for column in reference.columns]
    if unknown := [name for name in (*rule.any_of, *rule.ratios) if name not in names]:
        raise ValueError(f"the reference has no column {unknown[0]}; it has {', '.join(names)}")
    if len(reference.rows) != len(predicted.rows):
        return Verdict(False, f"{len(predicted.rows)} rows, expected {len(reference.rows)}")
    offered = _columns(predicted)
    for wanted in _subsets(reference, rule):
        if len(wanted) <= len(offered) and _mapped(wanted, offered, ordered=ordered):
            return Verdict(True)
    return Verdict(False, _why_not(reference, predicted, ordered=ordered))


def _subsets(reference: QueryResult, rule: Reference) -> Iterator[tuple[_Forms, ...]]:
    """The sets of columns of which one must be found, each column in all its acceptable forms.

    Of ``any_of`` a single column is enough: a larger set can only be harder to find.
    """
    needed: list[_Forms] = []
    either: list[_Forms] = []
    for header, column in zip(reference.columns, _columns(reference), strict=True):
        forms: _Forms = (column,)
        if header.name in rule.ratios:
            forms = (column, tuple(value.scaled(100.0) for value in column))
        (either if header.name in rule.any_of else needed).append(forms)
    if not either:
        yield tuple(needed)
    for forms in either:
        yield (*needed, forms)


def _columns(result: QueryResult) -> list[_Column]:
    return [
        tuple(cell(row[position]) for row in result.rows) for position in range(len(result.columns))
    ]


def _mapped(wanted: Sequence[_Forms], offered: Sequence[_Column], *, ordered: bool) -> bool:
    """Whether each wanted column finds an offered one of its own so that the rows agree."""
    agree = _same_sequence if ordered else _same_bag
    trials = sorted(
        (
            [
                (form, index)
                for form in forms
                for index, column in enumerate(offered)
                if agree([form], [column])
            ]
            for forms in wanted
        ),
        key=len,
    )
    steps = 0

    def extend(left: list[_Column], right: list[_Column], used: frozenset[int]) -> bool:
        nonlocal steps
        if len(left) == len(trials):
            return True
        tried: set[tuple[_Column, _Column]] = set()
        for form, index in trials[len(left)]:
            pair = (form, offered[index])
            if index in used or pair in tried or steps >= _STEPS:
                continue
            tried.add(pair)
            steps += 1
            longer = [*left, form], [*right, offered[index]]
            # A first column alone is known to agree: that made it a candidate.
            if (not left or agree(*longer)) and extend(*longer, used | {index}):
                return True
        return False

    return extend([], [], frozenset())


def _same_sequence(left: Sequence[_Column], right: Sequence[_Column]) -> bool:
    """Whether the last columns agree row by row (those before are known to)."""
    return all(same(a, b) for a, b in zip(left[-1], right[-1], strict=True))


def _same_bag(left: Sequence[_Column], right: Sequence[_Column]) -> bool:
    """Whether the same rows come as often on both sides, in whatever order.

    Near numbers of both sides get one rank, rows are sorted by ranks and then by their numbers, and
    the pairs that meet are compared. Ranks keep rounding noise from changing the order.
    """
    ranked = [_ranks(a, b) for a, b in zip(left, right, strict=True)]
    rows = len(left[0]) if left else 0

    def order(side: int, columns: Sequence[_Column]) -> list[int]:
        return sorted(
            range(rows),
            key=lambda row: (
                tuple(ranks[side][row] for ranks in ranked),
                tuple(column[row].number or 0.0 for column in columns),
            ),
        )

    pairs = zip(order(0, left), order(1, right), strict=True)
    return all(
        same(a[row_left], b[row_right])
        for row_left, row_right in pairs
        for a, b in zip(left, right, strict=True)
    )


def _ranks(left: _Column, right: _Column) -> tuple[list[int], list[int]]:
    """A rank for each cell; equal cells, and numbers that a chain of near ones links, share it."""
    distinct = sorted(
        set(left) | set(right),
        key=lambda value: (repr(value.exact), value.number or 0.0),
    )
    ranks: dict[Cell, int] = {}
    rank = -1
    before: Cell | None = None
    for value in distinct:
        if before is None or not same(before, value):
            rank += 1
        ranks[value] = rank
        before = value
    return [ranks[value] for value in left], [ranks[value] for value in right]


def _why_not(reference: QueryResult, predicted: QueryResult, *, ordered: bool) -> str:
    """In words, the nearest thing to a cause."""
    offered = _columns(predicted)
    missing = ", ".join(
        header.name
        for header, column in zip(reference.columns, _columns(reference), strict=True)
        if not any(_same_bag([column], [other]) for other in offered)
    )
    if missing:
        hint = _scale_hint(reference, predicted)
        return f"no predicted column has the values of {missing}{hint}"
    if ordered:
        return "the values agree, their order or the way they are combined does not"
    return "each column's values agree, the way they are combined in rows does not"


def _scale_hint(reference: QueryResult, predicted: QueryResult) -> str:
    """Names a common slip where there is one row and one number: cents, or percent."""
    if len(reference.rows) != 1 or len(reference.columns) != 1:
        return ""
    wanted = cell(reference.rows[0][0]).number
    for other in predicted.rows[0] if predicted.rows else ():
        number = cell(other).number
        if wanted and number and (near(number, wanted * 100) or near(number * 100, wanted)):
            return " (off by a factor of 100)"
    return ""
