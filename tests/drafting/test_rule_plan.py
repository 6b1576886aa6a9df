"""Wording to plan, through the retriever's own matching and time words."""

from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from nlq.catalog.catalog import Catalog
from nlq.catalog.yaml_docs import YamlDocs
from nlq.drafting.rule_plan import PlanReading, read_plan
from nlq.retrieval.index import Found
from nlq.retrieval.retriever import Retriever
from nlq.types import Clock, DateRange, MetricPlan, PlanFilter, Principal, Question

Q2 = {"start": date(2026, 4, 1), "end": date(2026, 7, 1)}


class NothingAlike:
    """An index in which nothing is alike: only what the wording names is found."""

    def search(self, text: str, masked: str, times: Sequence[DateRange] = ()) -> Found:
        return Found({}, {}, {}, {})


class Words:
    def count(self, text: str) -> int:
        return len(text.split())


def reading(text: str, catalog: Catalog, clock: Clock) -> PlanReading | None:
    retriever = Retriever(catalog, NothingAlike(), token_counter=Words(), budget_tokens=100)
    question = Question("q", text, Principal("ann"), clock)
    return read_plan(retriever.retrieve(question, catalog), catalog)


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("What was our revenue last quarter?", MetricPlan(("revenue",), **Q2)),
        (
            "Show me revenue by region for Q2 2026",
            MetricPlan(("revenue",), ("region",), **Q2),
        ),
        (
            "Revenue by region and tier last quarter",
            MetricPlan(("revenue",), ("region", "tier"), **Q2),
        ),
        (
            "How much revenue came from enterprise customers last quarter?",
            MetricPlan(("revenue",), (), (PlanFilter("tier", ("ENT",)),), **Q2),
        ),
        (
            "Top 5 customers by revenue last quarter",
            MetricPlan(("revenue",), ("customer",), top=5, known_only=True, **Q2),
        ),
        (
            "Which region had the lowest cost last quarter?",
            MetricPlan(("cost",), ("region",), top=1, ascending=True, known_only=True, **Q2),
        ),
        (
            "Compare revenue in EMEA and APAC last quarter",
            MetricPlan(("revenue",), ("region",), (PlanFilter("region", ("EMEA", "APAC")),), **Q2),
        ),
        (
            "What was my revenue year over year, from quarter one of last year to quarter two of "
            "this year?",
            MetricPlan(
                ("revenue",),
                start=date(2025, 1, 1),
                end=date(2026, 7, 1),
                grain="quarter",
                comparison="previous_year",
            ),
        ),
        (
            "Revenue and cost by month in Q2 2026",
            MetricPlan(("revenue", "cost"), grain="month", **Q2),
        ),
        (
            "How did revenue in Q2 2026 compare with Q2 2025?",
            MetricPlan(("revenue",), comparison="previous_year", **Q2),
        ),
        (
            "profit outside EMEA last quarter",
            MetricPlan(("profit",), (), (PlanFilter("region", ("EMEA",), True),), **Q2),
        ),
        (
            "What share of revenue came from EMEA last quarter?",
            MetricPlan(("revenue",), share=True, part=(PlanFilter("region", ("EMEA",)),), **Q2),
        ),
        (
            "What percentage of EMEA revenue was from enterprise customers in Q2 2026?",
            MetricPlan(
                ("revenue",),
                (),
                (PlanFilter("region", ("EMEA",)),),
                share=True,
                part=(PlanFilter("tier", ("ENT",)),),
                **Q2,
            ),
        ),
        (
            "Share of revenue by region last quarter",
            MetricPlan(("revenue",), ("region",), share=True, **Q2),
        ),
        (
            "visits",
            MetricPlan(("visits",), start=date(2026, 6, 15)),
        ),
    ],
)
def test_questions_that_wording_settles(catalog, clock, text, plan):
    found = reading(text, catalog, clock)
    assert found is not None
    assert (found.plan, found.unexplained, found.lost) == (plan, (), ())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Revenue from customers who complained last quarter", "complained"),
        ("What is the revenue forecast for next year?", "forecast"),
        ("Revenue by region without refunds", "refunds"),
    ],
)
def test_words_that_a_plan_cannot_express_are_left_over(catalog, clock, text, left):
    found = reading(text, catalog, clock)
    assert found is not None
    assert left in found.unexplained


def test_a_dimension_that_the_metric_lacks_is_lost(catalog, clock):
    found = reading("cost by status", catalog, clock)
    assert found is not None
    assert "status" in found.lost


def test_no_metric_no_plan(catalog, clock):
    assert reading("Which customers are in EMEA?", catalog, clock) is None


def test_a_running_period_is_compared_as_far_as_it_has_come(catalog, clock):
    found = reading("Revenue this year compared with last year", catalog, clock)
    assert found is not None
    assert found.plan.comparison == "previous_year"
    assert (found.plan.start, found.plan.end) == (date(2026, 1, 1), date(2026, 7, 15))
    assert any("through 14 July 2026" in note for note in found.assumptions)


def test_two_metrics_that_nothing_joins_are_not_sure_to_be_meant(catalog, clock):
    found = reading("Revenue cost last quarter", catalog, clock)
    assert found is not None
    assert found.lost == ("cost",)
    joined = reading("Revenue and cost last quarter", catalog, clock)
    assert joined is not None
    assert joined.lost == ()


@pytest.fixture(scope="module")
def sample() -> Catalog:
    return YamlDocs(Path(str(resources.files("nlq.sample"))) / "docs").load()


YEAR_2025 = {"start": date(2025, 1, 1), "end": date(2026, 1, 1)}
MAY = {"start": date(2026, 5, 1), "end": date(2026, 6, 1)}


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        (
            "hi, pls give me rev by region for q2 2026, thx!",
            MetricPlan(("revenue",), ("region",), **Q2),
        ),
        (
            "Avg deal size by deal type in Q2 2026",
            MetricPlan(("average_deal_size",), ("deal_type",), **Q2),
        ),
        (
            "How big is the gap to budget for SMS in Q2 2026?",
            MetricPlan(("budget_variance",), (), (PlanFilter("product", ("SMS",)),), **Q2),
        ),
        (
            "how long was time to first response for urgent tickets, April to June 2026",
            MetricPlan(
                ("first_response_time",), (), (PlanFilter("ticket_priority", ("P1",)),), **Q2
            ),
        ),
        (
            "Calls by call direction in May 2026",
            MetricPlan(("calls",), ("call_direction",), **MAY),
        ),
        (
            "Verifications by call in May 2026",
            MetricPlan(
                ("verifications",), (), (PlanFilter("verification_channel", ("C",)),), **MAY
            ),
        ),
        (
            "Top 5 directions by calls in May 2026",
            MetricPlan(("calls",), ("call_direction",), top=5, known_only=True, **MAY),
        ),
        (
            "Revenue by kind of revenue in May 2026",
            MetricPlan(("revenue",), ("revenue_type",), **MAY),
        ),
        (
            "Tickets for Billing in May 2026",
            MetricPlan(("tickets",), (), (PlanFilter("ticket_category", ("BIL",)),), **MAY),
        ),
        (
            "Operating expenses for People in May 2026",
            MetricPlan(("operating_expenses",), (), (PlanFilter("expense_type", ("PPL",)),), **MAY),
        ),
        (
            "outbound calls in May 2026",
            MetricPlan(("calls",), (), (PlanFilter("call_direction", ("O",)),), **MAY),
        ),
        (
            "In which month of 2025 was revenue highest?",
            MetricPlan(("revenue",), grain="month", top=1, **YEAR_2025),
        ),
        (
            "best revenue month 2025?",
            MetricPlan(("revenue",), grain="month", top=1, **YEAR_2025),
        ),
        (
            "the 3 months with the highest churn rate in 2025",
            MetricPlan(("churn_rate",), grain="month", top=3, **YEAR_2025),
        ),
        (
            "What was the highest monthly revenue in 2025?",
            MetricPlan(("revenue",), grain="month", top=1, **YEAR_2025),
        ),
        (
            "show me the monthly budget for 2025 please",
            MetricPlan(("budget",), grain="month", **YEAR_2025),
        ),
        (
            "monthly recurring revenue in 2025",
            MetricPlan(("recurring_revenue",), grain="month", **YEAR_2025),
        ),
        (
            "monthly recurring revenue in May 2026",
            MetricPlan(("recurring_revenue",), **MAY),
        ),
        (
            "top 5 segments by days to pay in 2025",
            MetricPlan(("days_to_pay",), ("segment",), top=5, known_only=True, **YEAR_2025),
        ),
        (
            "How did revenue develop in 2025?",
            MetricPlan(("revenue",), grain="month", **YEAR_2025),
        ),
        (
            "E-mails sent by e-mail stream and month in 2025",
            MetricPlan(("emails_sent",), ("email_stream",), grain="month", **YEAR_2025),
        ),
        (
            "Did we have more incidents in Q2 2026 than in Q2 2025?",
            MetricPlan(("incidents",), comparison="previous_year", **Q2),
        ),
        (
            "Who got the most credits in 2025? Top 5 customers",
            MetricPlan(("credits",), ("customer",), top=5, known_only=True, **YEAR_2025),
        ),
        (
            "Compare revenue of the second quarter of 2026 with the first",
            MetricPlan(("revenue",), comparison="previous_period", **Q2),
        ),
    ],
)
def test_questions_about_the_sample_in_the_words_of_people(sample, clock, text, plan):
    found = reading(text, sample, clock)
    assert found is not None
    assert (found.plan, found.unexplained, found.lost) == (plan, (), ())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("how long were calls in May 2026", "long"),
        ("avg revenue by region in May 2026", "avg"),
        ("customers with more than 5 tickets in May 2026", "more"),
        ("How did revenue change in 2025?", "change"),
        ("Revenue this year and month", "month"),
        ("Delivery rate for test accounts in May 2026", "test"),
    ],
)
def test_wording_that_asks_for_another_shape_is_left_to_the_model(sample, clock, text, left):
    found = reading(text, sample, clock)
    assert found is not None
    assert left in found.unexplained
