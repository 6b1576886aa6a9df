"""The retrieve stage: a ``Question`` goes in, the ``Context`` of its draft leaves.

Nothing that the principal may not see enters the context: every part of it is taken from the
``visible`` catalog. The whole catalog is only used to notice that something better is hidden.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nlq.catalog.catalog import Catalog
from nlq.retrieval.ddl import lake_ddl
from nlq.retrieval.documents import family, mask
from nlq.retrieval.follow_up import chosen_reading, standalone
from nlq.retrieval.index import Found, Index
from nlq.retrieval.joins import lookups, many_to_many
from nlq.retrieval.lexicon import Lexicon, Named
from nlq.retrieval.match import (
    ambiguous_terms,
    has_hidden_words,
    hidden_names,
    lists_column,
    match_names,
    names_hidden_column,
    unmatched,
)
from nlq.retrieval.pack import TokenCounter, pack, shown_tables
from nlq.retrieval.ranking import rank_tables
from nlq.retrieval.rules import relevant_rules
from nlq.retrieval.time_words import read_time
from nlq.retrieval.values import link_values
from nlq.settings import DraftingSettings
from nlq.types import (
    ColumnDoc,
    Context,
    DimensionHit,
    JoinEdge,
    MetricHit,
    Question,
    TableHit,
    ValueLink,
    VerifiedHit,
)

_MOST_ALIKE = 4
_MOST_VERIFIED = 3
_MOST_JOINED = 6
_SEARCH_SHARE = 0.6
"""A name that is only alike scores at most this much, less than any that is named."""
_LEAST = 0.25
"""Below this score a search result is noise."""
_CLEARLY_BETTER = 1.3
_AS_GOOD = 0.6
"""How high a hidden table must score, as a share of the best visible one."""
_NEAR = 0.8
"""How high a visible table must score, as a share of the best, for its hidden columns to count."""
_KEPT_LEXICONS = 32


class Retriever:
    """Finds what a question is about. Safe to use from several threads at once."""

    def __init__(
        self,
        catalog: Catalog,
        index: Index,
        *,
        token_counter: TokenCounter,
        budget_tokens: int,
        drafting: DraftingSettings | None = None,
    ) -> None:
        self._catalog = catalog
        self._index = index
        self._counter = token_counter
        self._budget = budget_tokens
        self._drafting = drafting or DraftingSettings()
        # Hidden staging copies are nothing better.
        trusted = {
            name: table
            for name, table in catalog.tables.items()
            if table.certification in ("certified", "none")
        }
        self._trusted = replace(catalog, tables=trusted)
        self._lexicons: OrderedDict[str, Lexicon] = OrderedDict()
        self._lakes: OrderedDict[str, str] = OrderedDict()

    def retrieve(self, question: Question, visible: Catalog) -> Context:
        """Everything a draft may use; raises what the embedding model raises."""
        lexicon = self._lexicon(visible)
        text, continues = standalone(question, lexicon)
        respelled = lexicon.respelled(text)
        time = read_time(text, question.clock)
        phrases = [r.phrase for r in time.ranges]
        names, located = lexicon.find(text, respelled)
        named_metrics, named_dimensions = match_names(text, visible, names)
        values = link_values(located, _spans(text, phrases))
        masked = mask(text, tuple(v.phrase for v in values))
        found = self._index.search(text, masked, time.ranges)
        metrics = _metrics(named_metrics, found, visible)
        dimensions = _dimensions(named_dimensions, metrics, found, visible)
        verified = _verified(found, visible)
        tables = rank_tables(text, found, visible, lexicon, metrics, dimensions, verified, values)
        links = _near(values, tables, metrics, dimensions, visible)
        joins = _joins(visible, tables)
        bridges, detours = _detours(visible, tables, joins)
        context = Context(
            question=question,
            standalone=text,
            continues=continues,
            chosen=chosen_reading(question),
            tables=tables,
            joins=joins,
            bridges=bridges,
            detours=detours,
            metrics=metrics,
            dimensions=dimensions,
            verified=verified,
            values=links,
            time=time,
            ambiguous=ambiguous_terms(text, visible, [m.phrase for m in metrics if m.phrase]),
            rules=relevant_rules(visible.glossary, f"{text} {question.notes}"),
            lake=self.lake_docs(visible),
            restricted=self._restricted(text, found, visible, lexicon),
            unmatched=unmatched(text, lexicon, respelled, [*phrases, question.notes]),
        )
        packed, tokens = pack(
            self._told(context), self._counter, self._budget, _short_names(visible)
        )
        return replace(context, text=packed, tokens=tokens)

    def lake_docs(self, visible: Catalog) -> str:
        """The docs of the whole visible lake where it is small; empty where it is not."""
        if not self._drafting.whole_lake:
            return ""
        key = visible.fingerprint
        docs = self._lakes.pop(key, None)
        if docs is None:
            docs = lake_ddl(visible, _short_names(visible))
            if self._counter.count(docs) > self._drafting.lake_tokens:
                docs = ""
        self._lakes[key] = docs
        while len(self._lakes) > _KEPT_LEXICONS:
            self._lakes.popitem(last=False)
        return docs

    def _told(self, context: Context) -> Context:
        """The context without what a prompt is not to be told."""
        told = self._drafting
        return replace(
            context,
            values=context.values if told.values else (),
            joins=context.joins if told.joins else (),
            detours=context.detours if told.joins else (),
            bridges=context.bridges if told.joins else (),
            rules=context.rules if told.rules else (),
            verified=context.verified if told.examples else (),
        )

    def _lexicon(self, catalog: Catalog) -> Lexicon:
        key = catalog.fingerprint
        lexicon = self._lexicons.pop(key, None) or Lexicon(catalog)
        self._lexicons[key] = lexicon
        while len(self._lexicons) > _KEPT_LEXICONS:
            self._lexicons.popitem(last=False)
        return lexicon

    def _restricted(self, text: str, found: Found, visible: Catalog, lexicon: Lexicon) -> bool:
        """Whether something hidden fits clearly better.

        A hidden table does that scores far higher than all visible ones; so does one that scores
        about as high and has what the wording names or words that only it explains; and so does a
        hidden metric that is named.
        """
        if visible.fingerprint == self._catalog.fingerprint:
            return False
        everything = self._lexicon(self._trusted)
        best = max((found.tables.get(family(name), 0.0) for name in visible.tables), default=0.0)
        scores = {
            name: found.tables.get(family(name), 0.0)
            for name in self._trusted.tables
            if name not in visible.tables
        }
        highest = max(scores.values(), default=0.0)
        if highest > max(best * _CLEARLY_BETTER, _LEAST):
            return True
        if highest > best * _AS_GOOD and has_hidden_words(text, everything, lexicon):
            return True
        if names_hidden_column(text, everything, lexicon):
            return True
        near = [
            name for name in visible.tables if found.tables.get(family(name), 0.0) > best * _NEAR
        ]
        if lists_column(text, self._hidden_columns(near, visible)):
            return True
        named = hidden_names(text, everything, lexicon)
        if any(name.kind == "metric" for name in named):
            return True
        tables = {self._table_of(name) for name in named}
        return any(found.tables.get(family(table), 0.0) > best * _AS_GOOD for table in tables)

    def _hidden_columns(self, tables: Sequence[str], visible: Catalog) -> Iterator[ColumnDoc]:
        """The columns of visible tables that are not visible themselves."""
        for name in tables:
            for column in self._catalog.tables[name].columns:
                if visible.tables[name].column(column.name) is None:
                    yield column

    def _table_of(self, named: Named) -> str:
        if named.kind == "dimension":
            return self._catalog.dimensions[named.name].table
        return named.name.rpartition(".")[0] if named.kind == "column" else named.name


def _short_names(visible: Catalog) -> dict[str, str]:
    """The last part of each table's name, where no other table has the same."""
    last = {name: name.rpartition(".")[2] for name in visible.tables}
    counts = Counter(last.values())
    return {name: short for name, short in last.items() if counts[short] == 1}


def _spans(text: str, phrases: Sequence[str]) -> list[tuple[int, int]]:
    starts = [(text.lower().find(phrase.lower()), len(phrase)) for phrase in phrases]
    return [(start, start + length) for start, length in starts if start >= 0]


def _metrics(named: Sequence[MetricHit], found: Found, visible: Catalog) -> tuple[MetricHit, ...]:
    """Those that the wording names, then a few that are alike."""
    names = {hit.metric.name for hit in named}
    alike = [
        MetricHit(visible.metrics[name], score * _SEARCH_SHARE)
        for name, score in found.metrics.items()
        if name in visible.metrics and name not in names and score >= _LEAST
    ]
    return (*sorted(named, key=lambda hit: -hit.score), *alike[:_MOST_ALIKE])


def _dimensions(
    named: Sequence[DimensionHit], metrics: Sequence[MetricHit], found: Found, visible: Catalog
) -> tuple[DimensionHit, ...]:
    """Those that the wording names, the metrics' own first, then a few that are alike.

    One word may name several ("region"): which of them a metric means stands in its docs.
    """
    own = {name for hit in metrics if hit.phrase for name in hit.metric.dimensions}
    names = {hit.dimension.name for hit in named}
    alike = [
        DimensionHit(visible.dimensions[name], score * _SEARCH_SHARE)
        for name, score in found.dimensions.items()
        if name in visible.dimensions and name not in names and score >= _LEAST
    ]
    ordered = sorted(named, key=lambda hit: (hit.dimension.name not in own, -hit.score))
    return (*ordered, *alike[:_MOST_ALIKE])


def _verified(found: Found, visible: Catalog) -> tuple[VerifiedHit, ...]:
    by_question = {query.question: query for query in visible.verified}
    hits = [
        VerifiedHit(by_question[name], score)
        for name, score in found.verified.items()
        if name in by_question and score >= _LEAST
    ]
    return tuple(hits[:_MOST_VERIFIED])


def _joins(visible: Catalog, tables: Sequence[TableHit]) -> tuple[JoinEdge, ...]:
    names = [hit.table.name for hit in tables[:_MOST_JOINED]]
    return lookups(visible, names[0], names[1:]) if names else ()


def _detours(
    visible: Catalog, tables: Sequence[TableHit], joins: Sequence[JoinEdge]
) -> tuple[tuple[TableHit, ...], tuple[JoinEdge, ...]]:
    """The joins to shown tables that ``joins`` do not reach, and the tables in between."""
    shown = [hit.table.name for hit in shown_tables(tables)]
    reached = {name for edge in joins for name in (edge.left, edge.right)} | set(shown[:1])
    edges: dict[JoinEdge, None] = {}
    for name in shown:
        if name not in reached and (path := many_to_many(visible, sorted(reached), name)):
            edges.update(dict.fromkeys(path))
            reached |= {edge.right for edge in path}
    ends: dict[str, set[str]] = {}
    for edge in edges:
        ends.setdefault(edge.left, set()).update(edge.left_columns)
        ends.setdefault(edge.right, set()).update(edge.right_columns)
    bridges = (
        TableHit(
            visible.tables[name],
            0.0,
            tuple(c.name for c in visible.tables[name].columns if c.name in columns),
        )
        for name, columns in sorted(ends.items())
        if name not in shown
    )
    return tuple(bridges), tuple(edges)


def _near(
    values: Sequence[ValueLink],
    tables: Sequence[TableHit],
    metrics: Sequence[MetricHit],
    dimensions: Sequence[DimensionHit],
    visible: Catalog,
) -> tuple[ValueLink, ...]:
    """The links that a draft can use: to dimensions of the metrics, then to tables, best first."""
    own = {
        (visible.dimensions[name].table, visible.dimensions[name].column)
        for hit in metrics
        if hit.phrase
        for name in hit.metric.dimensions
        if name in visible.dimensions
    }
    own |= {(hit.dimension.table, hit.dimension.column) for hit in dimensions if hit.phrase}
    order = {hit.table.name: rank for rank, hit in enumerate(tables)}
    near = [v for v in values if v.table in order or (v.table, v.column) in own]
    return tuple(
        sorted(near, key=lambda v: ((v.table, v.column) not in own, order.get(v.table, len(order))))
    )
