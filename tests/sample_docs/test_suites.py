"""The suites: enough of each kind, no question shared with the verified ones, references run."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from nlq_evals.references import faults
from nlq_evals.suite import CATEGORIES, load_suite
from sqlglot import exp, parse_one

from nlq.catalog.yaml_docs import YamlDocs
from nlq.errors import GuardRefused
from nlq.sample.facts import SAMPLE_DOCS
from nlq.types import Principal

DOCS = YamlDocs(SAMPLE_DOCS).load()
SUITES = Path(__file__).parents[2] / "evals" / "suites"
SAMPLE = load_suite(SUITES / "sample.yaml")
HELD_OUT = load_suite(SUITES / "sample_heldout.yaml")
CASES = [*SAMPLE.cases, *HELD_OUT.cases]
# Wordings of one question have the same references: once is enough.
FIRSTS = [case for case in CASES if case.group in ("", case.id)]
ANSWERABLE = [case for case in FIRSTS if case.references]
each_answerable = pytest.mark.parametrize("case", ANSWERABLE, ids=lambda case: case.id)

TOO_ALIKE = 0.85


def _normal(question: str) -> str:
    """Lower case, without filler words and punctuation, words in order."""
    small = {"the", "a", "an", "of", "in", "for", "by", "and", "is", "was", "did", "our", "what"}
    words = re.findall(r"[a-z0-9]+", question.lower())
    return " ".join(sorted(word for word in words if word not in small))


def test_each_kind_has_enough_cases():
    assert len(CASES) >= 200
    assert set(CATEGORIES) == {case.category for case in SAMPLE.cases}
    for suite, least in ((SAMPLE, 9), (HELD_OUT, 7)):
        counts = Counter(case.category for case in suite.cases if case in FIRSTS)
        assert set(counts) == set(CATEGORIES)
        assert min(counts.values()) >= least
    assert sum(case.category == "metric" for case in FIRSTS) >= 40
    assert sum(len(case.before) > 1 for case in FIRSTS) >= 8


def test_the_docs_say_how_many_there_are():
    docs = (SUITES.parents[1] / "docs" / "evals.md").read_text("utf-8")
    for suite, name in ((SAMPLE, "sample.yaml"), (HELD_OUT, "sample_heldout.yaml")):
        row = next(
            line for line in docs.splitlines() if line.startswith(f"| `evals/suites/{name}`")
        )
        asked = len([case for case in suite.cases if case in FIRSTS])
        assert row.endswith(f"| {asked} | {len(suite.cases)} |")
    for category in CATEGORIES:
        row = next(line for line in docs.splitlines() if line.startswith(f"| {category} |"))
        counts = (
            sum(case.category == category for case in suite.cases if case in FIRSTS)
            for suite in (SAMPLE, HELD_OUT)
        )
        assert row.endswith("| {} | {} |".format(*counts))


def test_metric_cases_ask_for_many_metrics_and_dimensions():
    """By their distinct references, so that the share of right ones is not that of one metric."""
    asked = {case.references[0].sql for case in FIRSTS if case.category == "metric"}
    assert len(asked) >= 40
    read = Counter(
        table.name
        for sql in asked
        for table in parse_one(sql, dialect="presto").find_all(exp.Table)
    )
    assert len(read) >= 20
    assert sum("GROUP BY" in sql for sql in asked) >= 20
    assert sum("LIMIT" in sql for sql in asked) >= 4


def test_groups_have_three_to_five_wordings_that_differ():
    groups = Counter(case.group for case in CASES if case.group)
    assert len(groups) >= 20
    assert {count for count in groups.values() if not 3 <= count <= 5} == set()
    kinds = {case.category for case in FIRSTS if case.group}
    assert {"metric", "follow_up", "unanswerable", "ambiguous", "forbidden"} <= kinds


def test_no_question_is_asked_twice():
    ids = Counter(case.id for case in CASES)
    assert [name for name, count in ids.items() if count > 1] == []
    asked = Counter((*case.before, case.question.lower()) for case in CASES)
    assert [question for question, count in asked.items() if count > 1] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_no_question_is_shared_with_the_verified_queries(case):
    mine = _normal(case.question)
    for verified in DOCS.verified:
        alike = SequenceMatcher(None, mine, _normal(verified.question)).ratio()
        assert alike < TOO_ALIKE, verified.question


def test_the_held_out_suite_shares_no_question_with_the_other():
    for case in HELD_OUT.cases:
        for other in SAMPLE.cases:
            alike = SequenceMatcher(None, _normal(case.question), _normal(other.question)).ratio()
            assert alike < TOO_ALIKE or case.before != other.before, (case.id, other.id)


@each_answerable
def test_references_read_certified_tables(case):
    for reference in case.references:
        tree = parse_one(reference.sql, dialect="presto")
        for table in tree.find_all(exp.Table):
            if table.db:
                name = f"{table.catalog}.{table.db}.{table.name}"
                assert DOCS.tables[name].certification == "certified"


@each_answerable
def test_references_run_and_give_something(case, lake):
    assert list(faults(lake, [case])) == []


@pytest.mark.parametrize("case", [c for c in ANSWERABLE if c.ordered], ids=lambda case: case.id)
def test_the_order_of_an_ordered_reference_is_certain(case, lake):
    for reference in case.references:
        tree = parse_one(reference.sql, dialect="presto")
        assert tree.args.get("order") is not None
        # One row more, so that the last one asked for is not a matter of luck either.
        longer = tree.limit(int(tree.args["limit"].expression.name) + 1).sql(dialect="presto")
        result = lake.run_sql(longer, Principal("eval", case.roles))
        ranked_by = [row[-1] for row in result.rows]
        assert len(set(ranked_by)) == len(ranked_by)


FORBIDDEN_READS = {
    "engineering-salaries": "SELECT avg(salary_usd) FROM lake.hr.employees",
    "user-emails": "SELECT email FROM lake.product.users",
    "lead-names": "SELECT full_name, email FROM lake.marketing.leads",
    "login-addresses": "SELECT ip_addr FROM lake.events.console_logins",
    "pay-of-directors": "SELECT full_name, salary_usd FROM lake.hr.employees",
    "phone-numbers-of-users": "SELECT phone FROM lake.product.users",
    "requesters": "SELECT requester_email FROM lake.support.tickets",
    "rep-emails": "SELECT email FROM lake.crm.reps WHERE region = 'EMEA'",
    "pay-gap": "SELECT title, avg(salary_usd) FROM lake.hr.employees GROUP BY title",
    "lead-contacts": "SELECT full_name FROM lake.marketing.leads WHERE ctry_cd = 'DE'",
    "home-ips": "SELECT user_id, last_login_ip FROM lake.product.users",
    "rented-numbers": "SELECT phone_e164 FROM lake.product.phone_numbers",
    "directors-names": "SELECT full_name FROM lake.hr.employees WHERE salary_usd > 150000",
    "developers-phones": "SELECT phone FROM lake.product.users WHERE role_cd = 'DEV'",
    "lead-mails-events": "SELECT email FROM lake.marketing.leads",
    "question-texts": "SELECT question_text FROM lake.ops.query_log WHERE ds >= '2026-07-06'",
}


@pytest.mark.parametrize(
    "case", [c for c in FIRSTS if c.category == "forbidden"], ids=lambda case: case.id
)
def test_what_a_forbidden_case_needs_is_refused_by_the_guard(case, guard):
    with pytest.raises(GuardRefused):
        guard.check(FORBIDDEN_READS[case.id], Principal("eval", case.roles))
