from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from nlq.drafting.lost import lost
from nlq.types import Clock, Context, DateRange, Principal, Question, TimeReading, ValueLink

CLOCK = Clock(datetime(2026, 7, 15, 9, tzinfo=UTC), ZoneInfo("UTC"))


def context(text: str, **parts: object) -> Context:
    return Context(Question("q", text, Principal("ann"), CLOCK), text, **parts)


@pytest.mark.parametrize(
    ("text", "sql", "gone"),
    [
        ("Gifts of more than $1,000?", "SELECT count(*) FROM gift", ("$1,000",)),
        ("The top three shops", "SELECT shop FROM t ORDER BY n LIMIT 5", ("three",)),
        ('Shops called "Blue Door"', "SELECT id FROM shop WHERE name = 'Red'", ("Blue Door",)),
        ("Deals above 2 million", "SELECT 1 FROM deal WHERE eur > 3", ("2million",)),
        ("Shops that never sold wine?", "SELECT id FROM shop JOIN sale USING (id)", ("never",)),
        ("Which shops did not open?", "SELECT id FROM shop WHERE opened > 3", ("did not",)),
    ],
)
def test_what_the_sql_has_in_no_form_is_lost(text: str, sql: str, gone: tuple[str, ...]) -> None:
    assert lost(context(text), sql) == gone


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("Gifts of more than $1,000?", "SELECT count(*) FROM gift WHERE eur > 1000.00"),
        ("Gifts over 1.5k", "SELECT 1 FROM gift WHERE cents > 150000"),
        ("Calls of more than 2 hours", "SELECT 1 FROM call WHERE minutes > 120"),
        ("More than six calls", "SELECT 1 FROM call GROUP BY who HAVING count(*) >= 7"),
        ("Calls in 2024, as a number (0 to 1) with 2 decimals", "SELECT 1"),
        ("Places open at 9 pm, those without with 0", "SELECT 1"),
        ("Shops called 'blue door'", "SELECT id FROM shop WHERE lower(name) LIKE '%blue door%'"),
        ("Shops that never sold wine?", "SELECT id FROM shop WHERE NOT id IN (SELECT 2)"),
        ("Shops without wine", "SELECT id FROM shop LEFT JOIN wine USING (id) WHERE wine IS NULL"),
        ("Wine of each shop? Leave out those that have none.", "SELECT 2 FROM shop"),
        ("All wine, whether or not it was sold", "SELECT 2 FROM shop"),
        ("The customers' names in the shop's books", "SELECT 1"),
    ],
)
def test_other_forms_units_and_the_form_of_the_answer_are_not_lost(text: str, sql: str) -> None:
    assert lost(context(text), sql) == ()


def test_values_and_numbers_of_rules_are_lost_too() -> None:
    link = ValueLink("Germany", "lake.crm.shop", "country", "DE", 1.0)
    asked = context("Shops in Germany", values=(link,))
    assert lost(asked, "SELECT count(*) FROM shop") == ("Germany",)
    either = (link, ValueLink("Germany", "lake.crm.shop", "team", "de", 1.0))
    assert lost(context("Shops in Germany", values=either), "SELECT count(*) FROM shop") == ()
    rules = "An expert has level 4 or more; rank 1 is the best."
    question = Question("q", "Experts?", Principal("ann"), CLOCK, notes=rules)
    assert lost(Context(question, "Experts?"), "SELECT count(*) FROM who") == ("4",)
    assert lost(Context(question, "Experts?"), "SELECT 1 FROM who WHERE level >= 4") == ()


def test_days_that_became_dates_and_words_that_mean_a_code_are_not_lost() -> None:
    days = DateRange("in the last 30 days", date(2026, 6, 15), date(2026, 7, 15))
    asked = context("Calls in the last 30 days", time=TimeReading(ranges=(days,)))
    assert lost(asked, "SELECT 1 FROM call WHERE day >= DATE '2026-06-15'") == ()
    link = ValueLink("Germany", "lake.crm.shop", "country", "DE", 1.0)
    asked = context('Shops in "Germany"', values=(link,))
    assert lost(asked, "SELECT 1 FROM shop WHERE country = 'DE'") == ()
