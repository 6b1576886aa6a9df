"""Ambiguous terms ask where they should, not where they should not, and never twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from nlq_evals.suite import load_suite

from nlq.catalog.yaml_docs import YamlDocs
from nlq.retrieval.match import ambiguous_terms
from nlq.sample.facts import SAMPLE_DOCS
from nlq.types import AmbiguousTerm

DOCS = YamlDocs(SAMPLE_DOCS).load()
SUITES = Path(__file__).parents[2] / "evals" / "suites"
CASES = [
    case
    for name in ("sample.yaml", "sample_heldout.yaml")
    for case in load_suite(SUITES / name).cases
]


def _unsettled(text: str) -> tuple[AmbiguousTerm, ...]:
    return ambiguous_terms(text, DOCS, ())


@pytest.mark.parametrize("term", DOCS.ambiguous, ids=lambda term: term.terms[0])
def test_an_option_settles_the_question(term):
    assert len(term.options) >= 2
    for option in term.options:
        assert not _unsettled(f"How did {option} develop?"), option


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_only_ambiguous_cases_are_ambiguous(case):
    assert bool(_unsettled(case.question)) == (case.category == "ambiguous")


@pytest.mark.parametrize("verified", DOCS.verified, ids=lambda verified: verified.question[:40])
def test_verified_questions_are_not_ambiguous(verified):
    assert not _unsettled(verified.question)


def test_words_of_metrics_are_not_ambiguous():
    clear = [
        phrase
        for metric in DOCS.metrics.values()
        for phrase in (metric.label, *metric.synonyms)
        if _unsettled(phrase)
    ]
    assert clear == []
