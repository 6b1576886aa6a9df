"""From linked values to a plan's filters: which dimension each phrase restricts, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nlq.catalog.catalog import Catalog
from nlq.drafting.compile_plan import reachable
from nlq.drafting.wording import says
from nlq.retrieval.words import stem, words
from nlq.types import Context, DimensionDoc, MetricDoc, PlanFilter, ValueLink

_EXCEPT = ("not", "except", "excluding", "without", "outside", "other than")


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters on dimensions. ``phrases`` maps the wording of each value to its dimension's name."""

    all: tuple[PlanFilter, ...]
    phrases: Mapping[str, str]
    negations: tuple[str, ...] = ()

    def parted(self, part: str) -> tuple[tuple[PlanFilter, ...], tuple[PlanFilter, ...]]:
        """Filters named outside and inside the text ``part``."""
        inside = {name for phrase, name in self.phrases.items() if says(part, phrase)}
        return (
            tuple(f for f in self.all if f.dimension not in inside),
            tuple(f for f in self.all if f.dimension in inside),
        )


def read_filters(context: Context, catalog: Catalog, metrics: tuple[MetricDoc, ...]) -> Filters:
    """Value links as filters on dimensions that every metric has."""
    allowed = splittable(catalog, metrics)
    chosen: dict[str, tuple[DimensionDoc, str]] = {}
    for link in context.values:
        if link.phrase in chosen or (_loose(link) and said_by(metrics, link.phrase)):
            continue
        dimension = next(
            (d for d in allowed if (d.table, d.column) == (link.table, link.column)), None
        ) or next((d for d in allowed if _holds(catalog, d, link.column, link.value)), None)
        if dimension is not None:
            chosen[link.phrase] = (dimension, link.value)
    values: dict[str, list[str]] = {}
    for dimension, value in chosen.values():
        if value not in values.setdefault(dimension.name, []):
            values[dimension.name].append(value)
    kept_out = {d.name for phrase, (d, _) in chosen.items() if _negated(phrase, context.standalone)}
    return Filters(
        tuple(PlanFilter(name, tuple(v), name in kept_out) for name, v in values.items()),
        {phrase: dimension.name for phrase, (dimension, _) in chosen.items()},
        _EXCEPT if kept_out else (),
    )


def splittable(catalog: Catalog, metrics: tuple[MetricDoc, ...]) -> tuple[DimensionDoc, ...]:
    """Dimensions that all of the metrics may be split by, and can be without fan-out."""
    names = [n for n in metrics[0].dimensions if all(n in m.dimensions for m in metrics[1:])]
    docs = [catalog.dimensions[n] for n in names if n in catalog.dimensions]
    return tuple(d for d in docs if all(reachable(catalog, m, d) for m in metrics))


def said_by(metrics: tuple[MetricDoc, ...], phrase: str) -> bool:
    """Whether a metric's own docs say the phrase ("churned" is in "churned customers").

    Of descriptions, only the part that is true of all that the metric counts: none of a list, and
    nothing from a word on that tells what is left out.
    """
    said = {
        stem(word)
        for metric in metrics
        for text in (metric.label, _true_of_all(metric.description), *metric.synonyms)
        for word in words(text)
    }
    return all(stem(word) in said for word in words(phrase))


_LEFT_OUT = re.compile(
    r"[.;:()]|\b(?:without|not|no|never|neither|except|excluding|whatever|before|after|less|per"
    r"|over|by)\b",
    re.IGNORECASE,
)


def _true_of_all(description: str) -> str:
    start = _LEFT_OUT.split(description, maxsplit=1)[0]
    if re.search(r"\b(?:and|or)\b|\d", start, re.IGNORECASE):
        return ""
    return start.partition(",")[0]


def _loose(link: ValueLink) -> bool:
    """A value known by another word ("open" for "in work") may be an ordinary verb here."""
    return link.phrase.lower() not in (link.value.lower(), link.meaning.lower())


def _negated(phrase: str, text: str) -> bool:
    before = rf"\b(?:{'|'.join(_EXCEPT)})\s+(?:\w+\s+)?{re.escape(phrase)}"
    return re.search(before, text, re.IGNORECASE) is not None


def _holds(catalog: Catalog, dimension: DimensionDoc, column: str, value: str) -> bool:
    """Whether the dimension has that value, in a column of that name or one that joins to it."""
    doc = catalog.tables[dimension.table].column(dimension.column)
    same = dimension.column == column or any(
        (edge.right, edge.right_columns) == (dimension.table, (dimension.column,))
        and edge.left_columns == (column,)
        for edge in catalog.joins
    )
    return doc is not None and same and any(v.value == value for v in doc.values)
