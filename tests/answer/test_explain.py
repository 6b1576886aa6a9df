"""Whole answers: headline, units, chart, warnings and the rest, for the shapes that occur."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from nlq.answer import explain
from nlq.answer.assumptions import kept_since
from nlq.answer.formats import MISSING
from nlq.catalog.catalog import Catalog
from nlq.errors import GuardRefused, ModelTimeout, QueryFailed
from nlq.sql.guarded import GuardedQuery
from nlq.types import (
    Answer,
    Clarification,
    Clock,
    Context,
    DateRange,
    Estimate,
    MetricHit,
    MetricPlan,
    PlanFilter,
    QueryResult,
    Refusal,
    SqlDraft,
    TimeReading,
    ValueLink,
)

START, END = date(2026, 1, 1), date(2026, 4, 1)
WHERE = "ds >= '2026-01-01' AND ds < '2026-04-01'"
TOTAL = f"SELECT sum(amount_cents) / 100.0 AS revenue FROM lake.finance.revenue_daily WHERE {WHERE}"
MONTHLY = (
    "SELECT date_trunc('month', CAST(ds AS date)) AS month, sum(amount_cents) / 100.0 AS revenue "
    f"FROM lake.finance.revenue_daily WHERE {WHERE} GROUP BY 1 ORDER BY 1"
)
BY_COUNTRY = (
    "SELECT a.country_code AS country, sum(r.amount_cents) / 100.0 AS revenue "
    "FROM lake.finance.revenue_daily r JOIN lake.crm.accounts a ON r.account_id = a.id "
    f"WHERE {WHERE} GROUP BY 1 ORDER BY 2 DESC"
)
COMPARED = "SELECT 1 AS revenue, 2 AS revenue_previous, 3 AS revenue_change"
COMPARED_COLUMNS = "revenue double; revenue_previous double; revenue_change double"


class Explained:
    """Explains a result, with everything that the test does not care about filled in."""

    def __init__(
        self,
        catalog: Catalog,
        guard: Callable[..., GuardedQuery],
        make_context: Callable[..., Context],
        make_result: Callable[..., QueryResult],
    ) -> None:
        self.catalog, self.guard = catalog, guard
        self.make_context, self.make_result = make_context, make_result

    def __call__(
        self,
        sql: str,
        columns: str,
        *rows: tuple[object, ...],
        plan: MetricPlan | None = None,
        truncated: bool = False,
        context: Context | None = None,
        estimate: Estimate | None = None,
        computed_at: datetime | None = None,
    ) -> Answer:
        result = self.make_result(columns, *rows, truncated=truncated)
        return explain.explain(
            context=context or self.make_context(),
            draft=SqlDraft(sql, "metric" if plan else "model", plan),
            query=self.guard(sql),
            result=replace(result, computed_at=computed_at),
            catalog=self.catalog,
            estimate=estimate,
        )


@pytest.fixture
def explained(
    catalog: Catalog,
    guard: Callable[..., GuardedQuery],
    make_context: Callable[..., Context],
    make_result: Callable[..., QueryResult],
) -> Explained:
    return Explained(catalog, guard, make_context, make_result)


def plan(*metrics: str, **fields: object) -> MetricPlan:
    base: dict[str, object] = {"start": START, "end": END}
    return MetricPlan(metrics or ("revenue",), **(base | fields))  # type: ignore[arg-type]


# --- headlines


def test_one_value(explained: Explained) -> None:
    answer = explained(TOTAL, "revenue double", (12_345_678.9,))
    assert answer.headline == "Revenue was $12.3M in Q1 2026."
    assert answer.units == (("revenue", "usd"),)
    assert answer.chart is not None
    assert answer.chart.kind == "number"
    assert answer.assumptions == ("Amounts are in US dollars.",)
    assert answer.as_of is not None


def test_a_filter_that_the_model_wrote_is_in_the_headline(explained: Explained) -> None:
    answer = explained(f"{TOTAL} AND product = 'sms'", "revenue double", (950.5,))
    assert answer.headline == "Revenue where product is SMS (sms) was $950.50 in Q1 2026."
    many = " AND ".join(f"product <> 'product number {n}'" for n in range(9))
    answer = explained(f"{TOTAL} AND {many}", "revenue double", (950.5,))
    assert answer.headline == "Revenue (filtered as described below) was $950.50 in Q1 2026."


def test_filters_of_a_plan_are_in_the_headline(explained: Explained) -> None:
    filters = (PlanFilter("country", ("DE", "FR")), PlanFilter("active", ("true",), negated=True))
    answer = explained(TOTAL, "revenue double", (950,), plan=plan(filters=filters))
    assert answer.headline == ("Revenue for Germany and France without active was $950 in Q1 2026.")


def test_several_values(explained: Explained) -> None:
    answer = explained(
        TOTAL,
        "revenue double; messages_sent bigint",
        (950.0, 1_200_000_000),
        plan=plan("revenue", "messages_sent"),
    )
    assert answer.headline == "Revenue was $950 and messages sent 1.2B in Q1 2026."


def test_compared_with_the_year_before(explained: Explained) -> None:
    yearly = plan(comparison="previous_year")
    answer = explained(COMPARED, COMPARED_COLUMNS, (12.34e6, 10.8e6, 0.1426), plan=yearly)
    assert answer.headline == ("Revenue grew 14.3% to $12.3M in Q1 2026, from $10.8M in Q1 2025.")
    answer = explained(COMPARED, COMPARED_COLUMNS, (9e6, 12e6, -0.25), plan=yearly)
    assert answer.headline == "Revenue fell 25.0% to $9.0M in Q1 2026, from $12.0M in Q1 2025."
    answer = explained(COMPARED, COMPARED_COLUMNS, (9e6, 9e6, 0.0), plan=yearly)
    assert answer.headline == "Revenue was unchanged at $9.0M in Q1 2026, as in Q1 2025."


def test_compared_with_nothing_claims_no_growth(explained: Explained) -> None:
    earlier = plan(comparison="previous_period")
    answer = explained(COMPARED, COMPARED_COLUMNS, (9e6, None, None), plan=earlier)
    assert answer.headline == f"Revenue was $9.0M in Q1 2026 (in Q4 2025: {MISSING})."
    answer = explained(COMPARED, COMPARED_COLUMNS, (9e6, 0.0, None), plan=earlier)
    assert answer.headline == "Revenue grew to $9.0M in Q1 2026, from $0 in Q4 2025."


def test_a_rate_is_compared_by_its_two_values(explained: Explained) -> None:
    answer = explained(
        COMPARED,
        "delivery_rate double; delivery_rate_previous double; delivery_rate_change double",
        (0.972, 0.961, 0.0114),
        plan=plan("delivery_rate", comparison="previous_year"),
    )
    assert answer.headline == "Delivery rate rose to 97.2% in Q1 2026, from 96.1% in Q1 2025."


def test_a_share(explained: Explained) -> None:
    part = plan(share=True, part=(PlanFilter("segment", ("ent",)),))
    answer = explained(
        "SELECT 1 AS revenue_share, 2 AS revenue, 3 AS revenue_total",
        "revenue_share double; revenue double; revenue_total double",
        (0.25, 2e6, 8e6),
        plan=part,
    )
    assert answer.headline == (
        "The share of revenue that is for Enterprise was 25.0% in Q1 2026: $2.0M of $8.0M."
    )
    answer = explained(
        "SELECT 'a' AS country, 1 AS revenue_share, 2 AS revenue",
        "country varchar; revenue_share double; revenue double",
        ("DE", 0.75, 6e6),
        ("FR", 0.25, 2e6),
        plan=plan(dimensions=("country",), share=True),
    )
    assert answer.headline == (
        "Germany had the highest share of revenue in Q1 2026: 75.0%, followed by France with 25.0%."
    )


def test_a_series(explained: Explained) -> None:
    months = [(date(2026, m, 1), v) for m, v in ((1, 9.1e6), (2, 14e6), (3, 12.3e6))]
    answer = explained(MONTHLY, "month date; revenue double", *months)
    assert answer.headline == (
        "Revenue rose from $9.1M in January 2026 to $12.3M in March 2026, "
        "with a peak of $14.0M in February 2026."
    )
    assert answer.chart is not None
    assert (answer.chart.kind, answer.chart.x, answer.chart.y) == ("line", "month", ("revenue",))
    assert answer.chart.title == "Revenue by month, Q1 2026"


def test_a_compared_series(explained: Explained) -> None:
    rows = ((date(2026, 1, 1), 10.0, 8.0, 0.25), (date(2026, 2, 1), 12.0, 16.0, -0.25))
    answer = explained(
        MONTHLY,
        f"month date; {COMPARED_COLUMNS}",
        *rows,
        plan=plan(grain="month", comparison="previous_year"),
    )
    assert answer.headline == ("Revenue was $12 in February 2026, 25.0% less than a year earlier.")
    assert answer.chart is not None
    assert answer.chart.y == ("revenue", "revenue_previous")


def test_a_breakdown_says_what_codes_mean(explained: Explained) -> None:
    answer = explained(
        BY_COUNTRY, "country varchar; revenue double", ("DE", 9e6), ("FR", 4.5e6), (None, 1.0)
    )
    assert answer.headline == (
        "Germany had the highest revenue in Q1 2026: $9.0M, followed by France with $4.5M."
    )
    assert answer.chart is not None
    assert answer.chart.kind == "bar"


def test_the_lowest_of_a_ranking(explained: Explained) -> None:
    answer = explained(
        BY_COUNTRY.replace("DESC", "LIMIT 2"),
        "country varchar; revenue double",
        ("FR", 3.0),
        ("DE", 5.0),
    )
    assert answer.headline == (
        "France had the lowest revenue in Q1 2026: $3, followed by Germany with $5."
    )


def test_some_of_the_rows_make_no_claim_about_all(explained: Explained) -> None:
    answer = explained(
        BY_COUNTRY.replace("ORDER BY 2 DESC", "LIMIT 2"),
        "country varchar; revenue double",
        ("FR", 3.0),
        ("DE", 5.0),
    )
    assert answer.headline == (
        "Germany had the highest revenue of the 2 shown in Q1 2026: $5, followed by France with $3."
    )


def test_the_measure_that_orders_leads(explained: Explained) -> None:
    sql = (
        "SELECT country_code, count(*) AS accounts, sum(seats) AS seats FROM lake.crm.accounts "
        "GROUP BY 1 ORDER BY seats DESC LIMIT 2"
    )
    answer = explained(
        sql, "country_code varchar; accounts bigint; seats bigint", ("US", 3, 90), ("DE", 7, 80)
    )
    assert answer.headline == (
        "United States had the highest seats as of 30 Jun 2026: 90, followed by Germany with 80."
    )


def test_series_of_categories(explained: Explained) -> None:
    rows = [
        (date(2026, m, 1), c, v)
        for m, c, v in ((1, "DE", 5.0), (1, "FR", 6.0), (2, "DE", 7.0), (2, "FR", 6.5))
    ]
    answer = explained(
        MONTHLY,
        "month date; country varchar; revenue double",
        *rows,
        plan=plan(dimensions=("country",), grain="month"),
    )
    assert answer.headline == (
        "Germany had the highest revenue in February 2026, the latest shown: $7."
    )
    assert answer.chart is not None
    assert (answer.chart.kind, answer.chart.series) == ("line", "country")


def test_a_number_that_rows_are_grouped_by_is_no_measure(explained: Explained) -> None:
    answer = explained(
        "SELECT seats, count(*) AS accounts FROM lake.crm.accounts GROUP BY seats",
        "seats integer; accounts bigint",
        (90, 2),
        (5, 7),
    )
    assert answer.headline == (
        "Seats 5 had the highest accounts as of 30 Jun 2026: 7, followed by seats 90 with 2."
    )


def test_the_worst_day_of_a_series(explained: Explained) -> None:
    answer = explained(
        MONTHLY.replace("ORDER BY 1", "ORDER BY 2 LIMIT 2"),
        "month date; revenue double",
        (date(2026, 2, 1), 3.0),
        (date(2026, 1, 1), 5.0),
    )
    assert answer.headline == "Revenue was lowest in February 2026, at $3."


def test_dates_of_some_parts_are_not_told_as_those_of_all(explained: Explained) -> None:
    sql = (
        f"WITH now_ AS ({TOTAL}), ever AS (SELECT sum(usd) AS usd FROM lake.finance.revenue_old) "
        "SELECT now_.revenue FROM now_ CROSS JOIN ever"
    )
    answer = explained(sql, "revenue double", (5.0,))
    assert answer.headline == ("Revenue was $5 as of 30 Jun 2026, for the dates described below.")


def test_rows_of_the_lake_are_counted_not_ranked(explained: Explained) -> None:
    answer = explained(
        "SELECT name, seats FROM lake.crm.accounts WHERE country_code = 'DE'",
        "name varchar; seats integer",
        ("Acme", 3),
        ("Beta", 4),
    )
    assert answer.headline == ("2 rows match where country is Germany (DE), as of 30 Jun 2026.")
    assert answer.chart is None


def test_an_opaque_name_is_said_by_its_formula(explained: Explained) -> None:
    answer = explained("SELECT count(*) FROM lake.crm.accounts", "_col0 bigint", (48_211,))
    assert answer.headline == "Number of rows was 48,211 as of 30 Jun 2026."
    assert answer.units == (("_col0", "count"),)


@pytest.mark.parametrize("rows", [(), ((None,),)])
def test_an_empty_result(explained: Explained, rows: tuple[tuple[object, ...], ...]) -> None:
    answer = explained(f"{TOTAL} AND product = 'voice'", "revenue double", *rows)
    assert answer.headline == "No rows match where product is Voice (voice), in Q1 2026."
    assert answer.hint
    assert answer.chart is None


def test_a_cut_result(explained: Explained) -> None:
    answer = explained(
        BY_COUNTRY, "country varchar; revenue double", ("DE", 9.0), ("FR", 4.5), truncated=True
    )
    assert "of the 2 shown" in answer.headline
    assert any("cut off after 2 rows" in warning for warning in answer.warnings)
    assert answer.chart is None


def test_dates_are_always_stated(explained: Explained) -> None:
    unbounded = TOTAL.split(" WHERE")[0]
    answer = explained(unbounded, "revenue double", (950,))
    assert answer.headline == "Revenue was $950 over all dates up to 30 Jun 2026."
    assert "No dates were given, so all dates in the data are counted." in answer.assumptions
    odd = explained(f"{unbounded} WHERE substr(ds, 1, 4) = '2026'", "revenue double", (950,))
    assert odd.headline == ("Revenue was $950 as of 30 Jun 2026, for the dates described below.")


# --- the rest of an answer


def test_tables_carry_their_state_and_warn(explained: Explained) -> None:
    answer = explained(BY_COUNTRY, "country varchar; revenue double", ("DE", 9.0), ("FR", 4.5))
    states = {state.name: state for state in answer.tables}
    assert states["lake.crm.accounts"].late_by_hours == 24
    assert states["lake.crm.accounts"].failing_checks == ("no duplicate ids",)
    assert states["lake.finance.revenue_daily"].late_by_hours == 0
    assert answer.warnings == (
        "crm.accounts is late: its data is 24 h past the promised 24 h.",
        "A quality check of crm.accounts is failing: no duplicate ids.",
    )


def test_definitions_include_what_a_metric_is_made_of(explained: Explained) -> None:
    answer = explained(
        TOTAL, "revenue_per_message double", (0.0075,), plan=plan("revenue_per_message")
    )
    assert [d.label for d in answer.definitions] == [
        "Revenue per message", "Revenue", "Messages sent",
    ]  # fmt: skip
    assert answer.plan is not None


def test_assumptions_tell_dates_values_and_rewrites(
    explained: Explained, make_context: Callable[..., Context]
) -> None:
    context = make_context(
        time=TimeReading((DateRange("last quarter", START, END),), notes=("'last quarter' is Q1",)),
        values=(
            ValueLink("text messages", "lake.finance.revenue_daily", "product", "sms", "SMS"),
            ValueLink("voice", "lake.finance.revenue_daily", "product", "voice"),
            ValueLink("France", "lake.crm.accounts", "country_code", "FR", "France"),
        ),
    )
    answer = explained(
        f"{TOTAL} AND product IN ('sms', 'voice')", "revenue double", (950,), context=context
    )
    assert answer.assumptions == (
        "'last quarter' is Q1.",
        "'text messages' is read as product = sms (SMS).",
        "Amounts are in US dollars.",
    )


def test_suggestions_go_where_the_metric_can(explained: Explained) -> None:
    answer = explained(TOTAL, "revenue double", (950,), plan=plan())
    assert answer.suggestions == (
        "compare that with the same time a year before",
        "and by country?",
        "show it monthly",
    )
    filtered = plan(filters=(PlanFilter("country", ("DE",)),), comparison="previous_year")
    answer = explained(COMPARED, COMPARED_COLUMNS, (9.0, 8.0, 0.125), plan=filtered)
    assert answer.suggestions == ("and by product?", "show it monthly")


def test_a_large_read_is_told(explained: Explained) -> None:
    answer = explained(TOTAL, "revenue double", (950,), estimate=Estimate(size_bytes=250 * 10**9))
    assert any("250.0 GB" in warning for warning in answer.warnings)


def test_a_large_result_is_explained_quickly(explained: Explained) -> None:
    rows = [(f"account {n}", Decimal(n)) for n in range(10_000, 0, -1)]
    explained(BY_COUNTRY, "country varchar; revenue decimal(18,2)", *rows[:10])
    began = time.process_time()
    answer = explained(BY_COUNTRY, "country varchar; revenue decimal(18,2)", *rows)
    assert time.process_time() - began < 0.2
    assert answer.headline.startswith("account 10000 had the highest revenue")


# --- the other kinds


def test_a_draft(
    catalog: Catalog, guard: Callable[..., GuardedQuery], make_context: Callable[..., Context]
) -> None:
    answer = explain.drafted(
        context=make_context(),
        draft=SqlDraft(TOTAL, "model"),
        query=guard(TOTAL, ("limited to 1,000 rows",)),
        catalog=catalog,
        estimate=Estimate(size_bytes=48_300_000),
    )
    assert answer.kind == "draft"
    assert answer.headline == (
        "This query answers the question; it passed every check and was not run; "
        "it would read about 48.3 MB."
    )
    assert answer.how
    assert answer.assumptions == ("The query was changed for safety: limited to 1,000 rows.",)
    assert answer.result is None


def test_a_question_back(make_context: Callable[..., Context]) -> None:
    answer = explain.clarified(
        make_context(), Clarification("which revenue do you mean", ("gross", "net"))
    )
    assert (answer.kind, answer.headline) == ("clarification", "Which revenue do you mean?")
    assert answer.options == ("gross", "net")


def test_refusals_say_what_to_do(make_context: Callable[..., Context], catalog: Catalog) -> None:
    metric = catalog.metrics["revenue"]
    context = make_context(metrics=(MetricHit(metric, 0.5),))
    unanswerable = explain.refused(context, Refusal("unanswerable", "The lake has no weather data"))
    assert unanswerable.headline == "The lake has no weather data."
    assert unanswerable.hint == "The lake does have: Revenue."
    forbidden = explain.refused(
        context,
        Refusal("forbidden", "Salaries are restricted."),
        contact="Ask hr-data@example.com.",
    )
    assert forbidden.hint == "Ask hr-data@example.com."
    assert (forbidden.kind, forbidden.rule) == ("refusal", "policy")
    error = GuardRefused("reads-only", "only SELECT may run", hint="Ask for data.")
    guarded = explain.guard_refused(context.question, error)
    assert (guarded.kind, guarded.rule) == ("refusal", "reads-only")
    assert (guarded.headline, guarded.hint) == ("Only SELECT may run.", "Ask for data.")


def test_what_a_draft_made_up_is_no_reason_of_a_refusal(
    make_context: Callable[..., Context],
) -> None:
    question = make_context().question
    error = GuardRefused("unknown-column", "There is no column weight in crates.")
    told = explain.guard_refused(question, error)
    assert (told.kind, told.rule) == ("refusal", "unknown-column")
    assert "weight" not in told.headline + told.hint
    assert "There is no column weight in crates." in told.how[0]
    boss = replace(question, principal=replace(question.principal, roles=("executive",)))
    assert explain.guard_refused(boss, error).how == ()


def test_errors_are_whole_sentences_without_sql_for_executives(
    make_context: Callable[..., Context],
) -> None:
    slow = explain.failed(make_context().question, ModelTimeout("the model took too long"))
    assert (slow.kind, slow.headline) == ("error", "The model took too long.")
    assert slow.hint
    failure = QueryFailed("Binder Error: column \x1b[4mx\x1b[0m not found\nLINE 1: SELECT x")
    failure.__cause__ = ValueError("the engine's own")
    executive = explain.failed(make_context(roles=("executive",)).question, failure)
    analyst = explain.failed(make_context(roles=("analyst",)).question, failure)
    assert "Binder" not in executive.headline + executive.hint + "".join(executive.how)
    assert analyst.headline == executive.headline
    assert analyst.how == ("The engine said: Binder Error: column x not found.",)


def test_cancelled(make_context: Callable[..., Context]) -> None:
    answer = explain.cancelled(make_context().question)
    assert (answer.kind, answer.headline) == ("cancelled", "The question was cancelled.")


@pytest.mark.parametrize(
    ("unchanged", "since"),
    [
        (True, "nothing that it reads has changed since."),
        (False, "data that came after that may not be in it yet."),
    ],
)
def test_a_kept_result_says_when_it_was_computed(
    make_result: Callable[..., QueryResult], clock: Clock, unchanged: bool, since: str
) -> None:
    new = make_result("revenue double", (1.5,))
    assert kept_since(new, clock) == ()
    at = datetime(2026, 6, 30, 22, 32, 9, tzinfo=UTC)
    kept = replace(new, computed_at=at, unchanged=unchanged)
    there = replace(clock, zone=ZoneInfo("Europe/Berlin"))
    assert kept_since(kept, there) == (
        f"This result was computed on 1 Jul 2026 at 00:32 CEST and kept; {since}",
    )


def test_an_answer_from_a_kept_result_says_so(explained: Explained) -> None:
    assert not any(
        "kept" in line for line in explained(TOTAL, "revenue double", (1.5,)).assumptions
    )
    at = datetime(2026, 6, 30, 10, 32, tzinfo=UTC)
    answer = explained(TOTAL, "revenue double", (1.5,), computed_at=at)
    assert "computed on 30 Jun 2026 at 10:32 UTC and kept" in answer.assumptions[-1]
