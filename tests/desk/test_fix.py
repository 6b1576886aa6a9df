"""A broken query is mended by the catalog, else by the model, and never returned unguarded."""

from __future__ import annotations

import pytest

from nlq.cancel import CancelToken
from nlq.errors import Cancelled

GOOD = "SELECT region, count(*) AS n FROM lake.product.accounts GROUP BY region"


@pytest.fixture(autouse=True)
def script(drafter):
    drafter.drafts.clear()
    drafter.told.clear()


def test_a_misspelt_name_is_mended_without_the_model(desk, ana, drafter):
    fixed = desk.fix(GOOD.replace("region", "regoin"), "", ana)
    assert fixed.source == "catalog"
    assert desk.run(fixed.sql, ana).rows
    assert fixed.changes
    assert drafter.told == []


def test_the_model_is_told_what_the_guard_said(desk, ana, drafter):
    drafter.drafts[:] = [GOOD]
    broken = GOOD.replace("count(*)", "number_of_rows(*)")
    fixed = desk.fix(broken, "", ana, question="How many accounts by region?")
    assert (fixed.source, fixed.sql) == ("model", GOOD)
    ((text, rejection),) = drafter.told
    assert text == "How many accounts by region?"
    assert "number_of_rows" in rejection.reason
    assert "+ count(*) AS n" in fixed.changes


def test_the_engines_message_goes_to_the_model_where_the_guard_finds_nothing(desk, ana, drafter):
    drafter.drafts[:] = [GOOD + " HAVING count(*) > 0"]
    fixed = desk.fix(GOOD, "Query exceeded the memory limit.", ana)
    assert fixed.source == "model"
    ((text, rejection),) = drafter.told
    assert rejection.reason == "Query exceeded the memory limit."
    assert text.startswith("Show region of ")
    assert "product.accounts" in text


def test_a_model_that_does_not_help_is_not_believed(desk, ana, drafter):
    drafter.drafts[:] = ["SELECT salary FROM lake.hr.employees", "DROP TABLE lake.product.accounts"]
    broken = GOOD.replace("count(*)", "number_of_rows(*)")
    fixed = desk.fix(broken, "", ana)
    assert (fixed.source, fixed.sql) == ("none", broken)
    assert "There is no table lake.hr.employees" in drafter.told[1][1].reason
    assert fixed.problem.startswith("DROP is not allowed")


def test_what_is_not_granted_is_never_given_to_the_model(desk, ana, drafter):
    fixed = desk.fix("SELECT ip_addr FROM lake.events.console_logins", "", ana)
    assert fixed.source == "none"
    assert "may not read the column ip_addr" in fixed.problem
    assert fixed.hint
    assert drafter.told == []


def test_nothing_is_changed_where_nothing_is_wrong(desk, ana):
    fixed = desk.fix(GOOD, "", ana)
    assert (fixed.source, fixed.sql, fixed.changes) == ("none", GOOD, ())
    assert fixed.problem.startswith("Nothing is wrong")


def test_it_can_be_cancelled(desk, ana):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        desk.fix("SELECT nonsense(", "", ana, token)
