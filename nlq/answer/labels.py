"""Names for people: of result columns, of values that a column codes, and of a plan's filters."""

from __future__ import annotations

from collections.abc import Iterable

from nlq.answer.formats import format_value
from nlq.answer.lineage import Lineage
from nlq.catalog.catalog import Catalog
from nlq.types import ColumnDoc, MetricUnit, PlanFilter

_COMPUTED = {"share": "share of", "total": "total", "previous": "earlier", "change": "change of"}
"""The columns that a plan puts beside a metric's own."""


def column_label(name: str, catalog: Catalog) -> str:
    """The metric's or dimension's label, else the column's name in words.

    >>> column_label("total_revenue_usd", Catalog())
    'total revenue usd'
    """
    if metric := catalog.metrics.get(name):
        return metric.label
    stem, _, kind = name.rpartition("_")
    if kind in _COMPUTED and (metric := catalog.metrics.get(stem)):
        return f"{_COMPUTED[kind]} {mid_sentence(metric.label)}"
    if dimension := catalog.dimensions.get(name):
        return dimension.label
    return name.strip("_").replace("_", " ") or name


def sentence_case(text: str) -> str:
    """The text with its first letter upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def mid_sentence(label: str) -> str:
    """A label inside a sentence: lower case, but for names such as ``SMS`` or ``EMEA revenue``.

    >>> mid_sentence("Gross profit"), mid_sentence("SMS revenue")
    ('gross profit', 'SMS revenue')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def is_plural(label: str) -> bool:
    """Whether "were" suits a label better than "was".

    >>> [is_plural(x) for x in ("Messages sent", "Cost of goods", "Gross profit", "SMS revenue")]
    [True, False, False, False]
    """
    head = label.split(" of ")[0].split(" per ")[0].split()
    return bool(head) and any(
        word.endswith("s") and not word.endswith(("ss", "us", "is")) and not word.isupper()
        for word in (head[0], head[-1])
    )


class ValueWords:
    """Says the values of each result column as its docs do: ``DE`` is Germany."""

    def __init__(self, lineage: Lineage, names: Iterable[str]) -> None:
        self._docs: dict[str, ColumnDoc] = {}
        for name in names:
            if dimension := lineage.catalog.dimensions.get(name):
                table = lineage.catalog.tables.get(dimension.table)
                doc = table.column(dimension.column) if table else None
                if doc and not dimension.expression:
                    self._docs[name] = doc
        outputs = lineage.outputs()
        for output in outputs:
            if lineage.root and output.alias_or_name not in self._docs:
                origin = lineage.origin(output.unalias(), lineage.root)
                if origin:
                    self._docs[output.alias_or_name] = origin.column

    def say(self, column: str, value: object, unit: MetricUnit | None = None) -> str:
        """The value's meaning, else the value as it is shown in tables."""
        if doc := self._docs.get(column):
            return value_meaning(doc, value) or format_value(value, unit)
        return format_value(value, unit)

    def meanings(self) -> tuple[str, ...]:
        """Every meaning that may be said."""
        return tuple(v.meaning for doc in self._docs.values() for v in doc.values)


def value_meaning(doc: ColumnDoc, value: object) -> str:
    """What the docs say the value means, or an empty text."""
    return next((v.meaning for v in doc.values if v.value == str(value) and v.meaning), "")


def filter_words(filters: Iterable[PlanFilter], catalog: Catalog) -> str:
    """A plan's filters as they follow a metric's name: ``for Germany and Enterprise``."""
    said = [(f.negated, _filter_values(f, catalog)) for f in filters]
    kept = [words for negated, words in said if not negated]
    left_out = [words for negated, words in said if negated]
    text = f" for {', '.join(kept)}" if kept else ""
    return text + (f" without {', '.join(left_out)}" if left_out else "")


def _filter_values(item: PlanFilter, catalog: Catalog) -> str:
    dimension = catalog.dimensions.get(item.dimension)
    table = catalog.tables.get(dimension.table) if dimension else None
    doc = table.column(dimension.column) if table and dimension else None
    words = [(value_meaning(doc, v) if doc else "") or v for v in item.values]
    label = dimension.label if dimension else item.dimension
    if doc and doc.type == "boolean":
        yes = [value.lower() == "true" for value in item.values]
        return join_words(("" if y else "not ") + mid_sentence(label) for y in yes)
    if any(len(word) < 4 or not word[:1].isalpha() for word in words):
        # A bare "true" or "3" says nothing without the name of what it is.
        return f"{mid_sentence(label)} {join_words(words, 'or')}"
    return join_words(words, "and" if not item.negated else "or")


def join_words(words: Iterable[str], last: str = "and") -> str:
    """A list in words.

    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    parts = list(words)
    return f" {last} ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
