"""From what a question names outright to a governed plan, without a model call.

A context goes in; a plan comes out together with the words it does not explain. Only a plan that
explains every content word may stand on its own: anything else is the model's to judge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from nlq.catalog.catalog import Catalog
from nlq.drafting.base_relation import safe_path
from nlq.drafting.compile_plan import leaves
from nlq.drafting.plan_filters import read_filters, said_by, splittable
from nlq.drafting.plan_period import read_period
from nlq.drafting.scattered_names import scattered_metric
from nlq.drafting.wording import (
    CHANGES,
    NEGATIONS,
    Ranking,
    adverb_step,
    leftover,
    ranked_step,
    read_ranking,
    read_share,
    says,
    step_words,
)
from nlq.retrieval.dates.steps import explicit_grain
from nlq.types import (
    Context,
    DimensionDoc,
    DimensionHit,
    Grain,
    MetricDoc,
    MetricPlan,
    PlanFilter,
)


@dataclass(frozen=True, slots=True)
class PlanReading:
    """A plan, what it leaves out of the question, and what was assumed on the way.

    ``lost`` are phrases that were understood and that the plan cannot express; ``unexplained`` are
    content words that nothing explains.
    """

    plan: MetricPlan
    unexplained: tuple[str, ...]
    lost: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A metric and splits chosen by the model for a question that does not name them outright."""

    metric: MetricDoc
    splits: tuple[DimensionDoc, ...] = ()


def read_plan(
    context: Context, catalog: Catalog, chosen: Chosen | None = None
) -> PlanReading | None:
    """The plan that the question's own words spell out, or None when they name no metric.

    A ``chosen`` metric replaces what the words name; chosen splits count where they name none.
    """
    metrics, phrases = ((chosen.metric,), ()) if chosen else _metrics(context, catalog)
    if not metrics:
        scattered = scattered_metric(context, catalog)
        if scattered is None:
            return None
        metrics, phrases = (scattered[0],), scattered[1]
    text = context.standalone
    filters = read_filters(context, catalog, metrics)
    without_metrics = _without(text, phrases, [h.phrase for h in context.dimensions])
    # The year of "in which month of 2025 was it highest" is no number of rows.
    ranked = _without(without_metrics, [r.phrase for r in context.time.ranges])
    ranking = read_ranking(ranked)
    grouped, dimension_phrases, unreached = _dimensions(
        context, catalog, metrics, filters.all, without_metrics, ranking
    )
    if chosen and not grouped and _ASKS_FOR_EACH.search(without_metrics):
        fixed = {f.dimension for f in filters.all if len(f.values) == 1}
        grouped = tuple(split for split in chosen.splits if split.name not in fixed)
    grain = _step(context, without_metrics) or _unsaid_step(context, metrics, phrases)
    if ranking is not None and not grouped:
        grain = grain or ranked_step(ranked)
    if ranking is not None and not grouped and grain is None:
        unreached = (*unreached, *ranking.phrases)
        ranking = None
    share = read_share(without_metrics)
    whole, part = filters.parted(share.part) if share else (filters.all, ())
    bases = [catalog.tables[leaf.table] for metric in metrics for leaf in leaves(catalog, metric)]
    period = read_period(context.time, bases, context.question.clock.today)
    plan = MetricPlan(
        tuple(metric.name for metric in metrics),
        tuple(d.name for d in grouped),
        whole,
        period.start,
        period.end,
        grain,
        period.comparison,
        ranking.top if ranking else None,
        _ascending(ranking, metrics[0]),
        share=share is not None,
        part=part,
        known_only=ranking is not None and bool(grouped),
    )
    beside = ("beat", "exceed", "exceeded", "meet", "met", "miss", "missed", "reach", "reached")
    explained = [
        *phrases,
        *(beside if len(metrics) > 1 else ()),
        *(_MEANS if any("avg(" in m.expression for m in metrics) else ()),
        *(_HOW_LONG if all(m.unit in _DURATIONS for m in metrics) else ()),
        *(_MORE if period.comparison and period.fits else ()),
        *(CHANGES if grain or period.comparison else ()),
        *dimension_phrases,
        *filters.phrases,
        *filters.negations,
        *(r.phrase for r in context.time.ranges),
        *(ranking.phrases if ranking else ()),
        *([share.phrase] if share else ()),
    ]
    unlinked = [
        link.phrase
        for link in context.values
        if link.phrase not in filters.phrases and not said_by(metrics, link.phrase)
    ]
    unfit = [] if period.fits else [r.phrase for r in context.time.ranges] or ["compared"]
    parts = part or (grouped and not chosen)
    if share and (len(metrics) > 1 or period.comparison or not parts or not _adds_up(metrics[0])):
        unfit.append(share.phrase)
    crowd = _beside(context, metrics) if chosen or not _are_joined(text, phrases) else ()
    lost = tuple(dict.fromkeys((*unreached, *unlinked, *unfit, *crowd)))
    unexplained = tuple(
        word
        for word in leftover(text, explained)
        if word in NEGATIONS or not said_by(metrics, word)
    )
    if grain is None and period.comparison is None:
        unexplained = (*unexplained, *step_words(text, explained))
    return PlanReading(plan, unexplained, lost, (*context.time.notes, *period.assumptions))


_MEANS = ("average", "mean", "avg", "avg.")
_DURATIONS = frozenset({"seconds", "minutes", "hours", "days", "milliseconds"})
_HOW_LONG = ("how long", "how fast", "how quickly", "how quick", "how slow", "how soon", "take")
_MORE = ("more", "less", "fewer", "higher", "lower", "better", "worse", "than", "up", "down")
"""Words of a comparison with an earlier period, which the answer shows both ways."""


def _step(context: Context, without_metrics: str) -> Grain | None:
    """The step that the question asks for, unless a metric's name says it ("by days to pay")."""
    said = explicit_grain(context.standalone)
    named = said is not None and explicit_grain(without_metrics) is None
    return None if named and said == context.time.grain else context.time.grain


def _unsaid_step(
    context: Context, metrics: tuple[MetricDoc, ...], phrases: tuple[str, ...]
) -> Grain | None:
    """The step of "monthly budget" and, where the stretch has several, of a name that has it.

    Only the names of metrics tell such wording from names of other things ("monthly fee").
    """
    step = adverb_step(context.standalone, phrases)
    if step is not None:
        return step
    names = [name for metric in metrics for name in (metric.label, *metric.synonyms)]
    within = next((s for phrase in phrases if (s := adverb_step(phrase, names))), None)
    ranges = context.time.ranges
    if within is None or not ranges or context.time.comparison:
        return None
    start, end = min(r.start for r in ranges), max(r.end for r in ranges)
    return within if end - timedelta(days=_LONGEST_STEP[within]) > start else None


_LONGEST_STEP = {"hour": 1, "day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}

_ASKS_FOR_EACH = re.compile(
    r"\b(?:by|per|each|every|across|between|among|different|which|breakdown|split|rank)\b",
    re.IGNORECASE,
)
"""Without such a word, splits that a model chose are taken for noise."""


def _adds_up(metric: MetricDoc) -> bool:
    """Whether parts of the metric make up a whole, so that it can have shares."""
    return metric.kind != "retention" and metric.unit in ("usd", "count", "number")


def _metrics(context: Context, catalog: Catalog) -> tuple[tuple[MetricDoc, ...], tuple[str, ...]]:
    """The metrics named outright; a name inside a longer name does not count."""
    hits = [hit for hit in context.metrics if hit.phrase]
    kept = [
        hit
        for hit in hits
        if not any(
            hit.phrase.lower() != other.phrase.lower()
            and says(other.phrase, hit.phrase)
            and not says(_without(context.standalone, [other.phrase]), hit.phrase)
            for other in hits
        )
    ]
    order = context.standalone.lower()
    kept.sort(key=lambda hit: order.find(hit.phrase.lower()))
    docs = tuple(dict.fromkeys(hit.metric for hit in kept))
    phrases = tuple(hit.phrase for hit in kept)
    if len(docs) > 1 and not _are_joined(context.standalone, phrases):
        asked = tuple(doc for doc in docs if not _only_counts(doc))
        counted = [doc for doc in docs if _only_counts(doc)]
        if len(asked) == 1 and all(_about(catalog, asked[0], doc) for doc in counted):
            docs = asked
    return docs, phrases


_JOINED = re.compile(
    r"\b(?:and|or|vs|versus|against|compared?|plus|than|beat)\b|[,&/]", re.IGNORECASE
)
_WEIGHED = re.compile(r"\b(?:compare|beat|both)\b", re.IGNORECASE)


def _are_joined(text: str, phrases: tuple[str, ...]) -> bool:
    """Whether the wording sets metrics beside each other, in what stands between their names."""
    low = text.lower()
    starts = sorted(low.find(phrase.lower()) for phrase in phrases)
    between = text[starts[0] : starts[-1]] if len(starts) > 1 else text
    return bool(_JOINED.search(between) or _WEIGHED.search(text))


def _beside(context: Context, metrics: tuple[MetricDoc, ...]) -> tuple[str, ...]:
    """Names of further metrics that nothing joins to the first: they may mean something else."""
    first = metrics[:1]
    return tuple(
        hit.phrase
        for hit in context.metrics
        if hit.phrase
        and hit.metric not in first
        and not said_by(first, hit.phrase)
        and not (_only_counts(hit.metric) and len(metrics) == 1)
    )


def _only_counts(metric: MetricDoc) -> bool:
    """A plain count of a table's rows, whose name may stand for these rows ("score of tickets")."""
    return metric.kind == "simple" and metric.expression == "count(*)" and not metric.filters


def _about(catalog: Catalog, metric: MetricDoc, counted: MetricDoc) -> bool:
    """Whether the metric is measured on the counted rows, or on rows that belong to them."""
    bases = [leaf.table for leaf in leaves(catalog, metric)]
    return all(safe_path(catalog, base, counted.table) is not None for base in bases)


def _without(text: str, phrases: Sequence[str], longer: Sequence[str] = ()) -> str:
    """The text with the phrases blanked, except inside ``longer`` ("revenue" in "revenue type")."""
    for phrase in sorted({p for p in phrases if p}, key=len, reverse=True):
        around = [name for name in longer if name.lower() != phrase.lower() and says(name, phrase)]
        kept = "|".join(re.escape(name) for name in sorted(around, key=len, reverse=True))
        pattern = rf"(?<!\w)(?:(?P<kept>{kept or '(?!)'})|{re.escape(phrase)})(?!\w)"
        text = re.sub(pattern, lambda m: m["kept"] or "\N{BULLET}", text, flags=re.IGNORECASE)
    return text


_SPLIT_SCORE = 0.75
"""Score of a dimension hit from which the wording asks to split by it ("by region")."""
_BREAKDOWN_AFTER = re.compile(r"^\s*(?:breakdown|split|level|wise)\b|^-wise\b", re.IGNORECASE)


def _dimensions(
    context: Context,
    catalog: Catalog,
    metrics: tuple[MetricDoc, ...],
    filters: tuple[PlanFilter, ...],
    text: str,
    ranking: Ranking | None,
) -> tuple[tuple[DimensionDoc, ...], tuple[str, ...], tuple[str, ...]]:
    """Dimensions to split by, phrases explained by them, and phrases that cannot be reached."""
    allowed = {d.name for d in splittable(catalog, metrics)}
    filtered = {f.dimension: f for f in filters}
    grouped: list[DimensionDoc] = []
    phrases: list[str] = []
    unreached: list[str] = []
    hits = [h for h in context.dimensions if h.phrase and says(text, h.phrase)]
    hits.sort(key=lambda h: text.lower().find(h.phrase.lower()))
    taken: set[str] = set()
    for hit in hits:
        phrase = hit.phrase.lower()
        if phrase in taken and hit.dimension.name not in allowed:
            continue
        if hit.dimension.name not in allowed:
            rivals = [h for h in hits if h.phrase.lower() == phrase and h is not hit]
            if not any(h.dimension.name in allowed for h in rivals):
                unreached.append(hit.phrase)
                taken.add(phrase)
            continue
        if phrase in taken:
            continue
        taken.add(phrase)
        if _is_split(text, hit) or (ranking and hit.phrase.lower() in ranking.span.lower()):
            grouped.append(hit.dimension)
            phrases.append(hit.phrase)
        elif hit.dimension.name in filtered or _is_entity(hit.dimension):
            phrases.append(hit.phrase)
    if ranking and not grouped:
        ranked = next((h for h in hits if h.dimension.name in allowed - filtered.keys()), None)
        if ranked is not None:
            grouped.append(ranked.dimension)
            phrases.append(ranked.phrase)
    for name, item in filtered.items():
        if len(item.values) > 1 and not item.negated and all(d.name != name for d in grouped):
            grouped.append(catalog.dimensions[name])
    return tuple(dict.fromkeys(grouped)), tuple(phrases), tuple(unreached)


def _is_split(text: str, hit: DimensionHit) -> bool:
    if hit.score >= _SPLIT_SCORE:
        return True
    found = re.finditer(rf"(?<!\w){re.escape(hit.phrase)}(?!\w)", text, re.IGNORECASE)
    return any(_BREAKDOWN_AFTER.match(text[match.end() :]) for match in found)


def _is_entity(dimension: DimensionDoc) -> bool:
    """Customers are what most metrics are about, so naming them adds nothing."""
    return dimension.name in {"customer", "account", "customer_name", "account_name"}


def _ascending(ranking: Ranking | None, metric: MetricDoc) -> bool:
    if ranking is None:
        return False
    judged = re.search(r"\b(?:best|worst|strongest|weakest)\b", ranking.span, re.IGNORECASE)
    if judged and metric.higher_is_better is False:
        return not ranking.ascending
    return ranking.ascending
