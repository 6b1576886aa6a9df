from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.retrieval.lexicon import Lexicon
from nlq.retrieval.match import (
    ambiguous_terms,
    has_hidden_words,
    hidden_names,
    match_names,
    unmatched,
)
from nlq.types import AmbiguousTerm, DimensionHit, MetricHit


def named(
    text: str, catalog: Catalog, lexicon: Lexicon
) -> tuple[list[MetricHit], list[DimensionHit]]:
    names = lexicon.find(text, lexicon.respelled(text))[0]
    metrics, dimensions = match_names(text, catalog, names)
    return list(metrics), list(dimensions)


@pytest.mark.parametrize(
    ("text", "metrics"),
    [
        ("What was our revenue last month?", ["revenue"]),
        ("revenues by region", ["revenue"]),
        ("net revenue retention by segment", ["net_revenue_retention"]),
        ("NRR", ["net_revenue_retention"]),
        ("gross profit and churn rate", ["gross_profit", "churn_rate"]),
        ("How many messages sent failed?", ["messages_sent"]),
        ("revnue by region", ["revenue"]),
        ("What is the weather?", []),
    ],
)
def test_names_metrics(
    text: str, metrics: list[str], sample: Catalog, sample_lexicon: Lexicon
) -> None:
    assert [hit.metric.name for hit in named(text, sample, sample_lexicon)[0]] == metrics


def test_a_synonym_scores_less_than_the_name_and_a_misspelling_less_still(
    sample: Catalog, sample_lexicon: Lexicon
) -> None:
    scores = [
        named(text, sample, sample_lexicon)[0][0].score
        for text in ("revenue", "turnover", "revnue")
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


@pytest.mark.parametrize(
    ("text", "dimension", "splits"),
    [
        ("revenue by segment", "segment", True),
        ("revenue by product and segment", "segment", True),
        ("revenue per customer segment", "segment", True),
        ("revenue for each industry", "industry", True),
        ("Which industry has the highest revenue?", "industry", True),
        ("the top 5 industries by revenue", "industry", True),
        ("revenue broken down by the industry", "industry", True),
        ("revenue of one segment", "segment", False),
        ("revenue in the industry sector of banks", "industry", False),
    ],
)
def test_a_dimension_to_split_by_scores_more_than_a_mention(
    text: str, dimension: str, splits: bool, sample: Catalog, sample_lexicon: Lexicon
) -> None:
    hits = {h.dimension.name: h for h in named(text, sample, sample_lexicon)[1]}
    assert dimension in hits
    assert (hits[dimension].score > 0.75) is splits


def test_one_word_may_name_several_dimensions(sample: Catalog, sample_lexicon: Lexicon) -> None:
    hits = {h.dimension.name for h in named("by region", sample, sample_lexicon)[1]}
    assert {"region", "deal_region", "destination_region"} <= hits


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What is the weather in Paris?", ("weather", "paris")),
        ("What was our revenue in Germany by month?", ()),
        ("Compare the average revenue growth of the top 10 customers", ()),
        ("revenue of our astronauts", ("astronauts",)),
        ("Do people like our furniture?", ("furniture",)),
        ("revnue in Germny", ()),
        ("show me stock price", ("stock",)),
        ("I\u2019d like the seven cheapest invoices that nobody carried", ()),
        ("In terms of money, how heavy is a glacier?", ("glacier",)),
        ("Which unpaid invoices are already worth a lot, return the number?", ()),
        ("How many unicorns were there?", ("unicorns",)),
        (
            "Revenue of each invoice mode, in upper or lower case; leave it empty",
            (),
        ),
        ("Which mode is the widest?", ("mode",)),
    ],
)
def test_says_what_nothing_explains(
    text: str, words: tuple[str, ...], sample_lexicon: Lexicon
) -> None:
    assert unmatched(text, sample_lexicon, sample_lexicon.respelled(text)) == words


def test_time_words_need_no_explanation(sample_lexicon: Lexicon) -> None:
    assert unmatched("revenue in Hilary 2025", sample_lexicon, {}, ["Hilary 2025"]) == ()


SALES = AmbiguousTerm(
    ("sales", "sales figures"), "Which?", ("recognised revenue", "bookings"), ("sales team",)
)
TERMS = Catalog(ambiguous=(SALES,))


@pytest.mark.parametrize(
    ("text", "phrases", "found"),
    [
        ("sales last month", [], True),
        ("SALES FIGURES by region", [], True),
        ("revenue of the sales team", [], False),
        ("net sales by region", ["net sales"], False),
        ("sales and net sales", ["net sales"], False),
        ("wholesale", [], False),
    ],
)
def test_ambiguous_terms(text: str, phrases: list[str], found: bool) -> None:
    assert ambiguous_terms(text, TERMS, phrases) == ((SALES,) if found else ())


@pytest.fixture(scope="module")
def without_people(sample: Catalog) -> Lexicon:
    tables = {n: t for n, t in sample.tables.items() if not n.startswith("lake.hr.")}
    return Lexicon(Catalog(tables, sample.metrics, sample.dimensions))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("How many employees do we have?", {"lake.hr.employees"}),
        ("What was revenue by region?", set()),
        ("Name the top customers", set()),
        ("What is the weather?", set()),
    ],
)
def test_notices_what_is_hidden(
    text: str, hidden: set[str], sample_lexicon: Lexicon, without_people: Lexicon
) -> None:
    found = hidden_names(text, sample_lexicon, without_people)
    assert {named.name for named in found} == hidden


@pytest.mark.parametrize(
    ("text", "hidden"),
    [("What was headcount?", True), ("What was revenue?", False), ("And the weather?", False)],
)
def test_notices_words_that_only_hidden_docs_have(
    text: str, hidden: bool, sample_lexicon: Lexicon, without_people: Lexicon
) -> None:
    assert has_hidden_words(text, sample_lexicon, without_people) is hidden


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("What were our sales in May?", True),
        ("Operating expenses for sales in May", False),
        ("Operating expenses and sales in May", True),
        ("Delivery rate for sales in May", True),
    ],
)
def test_a_term_that_restricts_what_is_named_needs_no_question(
    text: str, asked: bool, sample: Catalog, sample_lexicon: Lexicon
) -> None:
    metrics = [hit.phrase for hit in named(text, sample, sample_lexicon)[0]]
    found = [term for term in ambiguous_terms(text, sample, metrics) if "sales" in term.terms]
    assert bool(found) is asked
