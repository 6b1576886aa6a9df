"""The model's choice among governed metrics, where wording alone does not settle it.

A context goes in. The model picks one metric (or none) and the splits from short lists, in JSON
bound by a schema that names nothing else; time, filters and ranking stay with the rules.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.drafting.compile_plan import leaves
from nlq.drafting.plan_filters import splittable
from nlq.drafting.rule_plan import Chosen, PlanReading
from nlq.llm.complete import complete
from nlq.llm.prompts import Prompt
from nlq.retrieval.words import stem, words
from nlq.types import Context, DimensionDoc, MetricDoc, MetricHit, TokenUse

NONE = "none"

MOST_METRICS = 4
_CLOSE = 0.75
"""Share of the best table's score from which a metric's own table is close to the question."""
MOST_SPLITS = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """The model's choice, None when it found that no metric fits, and what it took to ask."""

    chosen: Chosen | None
    tokens: TokenUse
    prompt: str


def candidates(context: Context, catalog: Catalog) -> tuple[MetricHit, ...]:
    """Metrics that may be meant: those measured on the tables that the question is closest to."""
    best = max((hit.score for hit in context.tables), default=0.0)
    close = {hit.table.name for hit in context.tables if hit.score >= best * _CLOSE}
    fitting = (
        hit
        for hit in context.metrics
        if all(leaf.table in close for leaf in leaves(catalog, hit.metric))
    )
    return tuple(fitting)[:MOST_METRICS]


def choose_metric(
    model: BaseChatModel,
    prompt: Prompt,
    context: Context,
    hits: tuple[MetricHit, ...],
    catalog: Catalog,
    cancel: CancelToken,
) -> Choice:
    """Ask the model which of ``hits`` is meant; raises ``ModelError`` or ``Cancelled``."""
    metrics = {hit.metric.name: hit for hit in hits}
    splits = dict(
        list(
            {
                d.name: d
                for d in (
                    *(h.dimension for h in context.dimensions),
                    *(d for hit in hits for d in splittable(catalog, (hit.metric,))),
                )
                if any(d.name in hit.metric.dimensions for hit in hits)
            }.items()
        )[:MOST_SPLITS]
    )
    messages = prompt.render(
        metrics="\n".join(
            f"- {name}: {hit.metric.label}. {hit.metric.description}"
            for name, hit in metrics.items()
        ),
        splits="\n".join(f"- {name}: {d.label}" for name, d in splits.items()),
        question=context.standalone,
    )
    done = complete(
        model,
        messages,
        max_tokens=prompt.max_tokens or 60,
        json_schema=_schema(list(metrics), list(splits)),
        cancel=cancel,
    )
    return Choice(_read(done.text, metrics, splits), done.tokens, prompt.id)


def asks_for_columns(reading: PlanReading, catalog: Catalog, metric: MetricDoc) -> bool:
    """Whether words that the plan leaves out name columns of the metric's own rows.

    Such a question wants to see records ("with title and start time"), which no metric gives.
    """
    tables = (catalog.tables[leaf.table] for leaf in leaves(catalog, metric))
    named = {
        stem(word)
        for table in tables
        for column in table.columns
        for text in (column.name, *column.synonyms)
        for word in words(text)
    }
    return any(stem(word) in named for word in reading.unexplained)


def _schema(metrics: list[str], splits: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "metric": {"enum": [*metrics, NONE]},
            "split_by": {
                "type": "array",
                "items": {"enum": splits or [NONE]},
                "maxItems": 2 if splits else 0,
            },
        },
        "required": ["metric", "split_by"],
        "additionalProperties": False,
    }


def _read(
    text: str, metrics: dict[str, MetricHit], splits: dict[str, DimensionDoc]
) -> Chosen | None:
    """The choice, checked: a server that ignores schemas may write anything, which is no choice."""
    try:
        answer = json.loads(text)
        metric = metrics[answer["metric"]].metric
        names = dict.fromkeys(answer["split_by"])
        return Chosen(metric, tuple(splits[name] for name in names))
    except (ValueError, KeyError, TypeError):
        return None
