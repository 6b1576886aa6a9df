"""What the desk gives, and that it keeps to the rights of whoever looks."""

from __future__ import annotations

import pytest

from nlq.errors import CatalogError, GuardRefused

BY_REGION = "SELECT region, count(*) AS n FROM lake.product.accounts GROUP BY region ORDER BY n"
PAYROLL = "SELECT * FROM lake.hr.employees"


def test_a_query_runs_within_its_limits(desk, ana):
    result = desk.run(BY_REGION, ana)
    assert [column.name for column in result.columns] == ["region", "n"]
    assert len(result.rows) > 3


@pytest.mark.parametrize("act", ["explain", "estimate", "optimise", "run"])
def test_a_hidden_table_is_refused_in_the_guards_words(desk, ana, act):
    with pytest.raises(GuardRefused, match="There is no table lake"):
        getattr(desk, act)(PAYROLL, ana)


def test_an_empty_search_lists_what_may_be_seen(desk, ana, emea, stranger):
    everything = {hit.table.name for hit in desk.search("", ana)}
    fewer = {hit.table.name for hit in desk.search(" ", emea)}
    assert "lake.crm.contracts" in everything - fewer
    assert fewer < everything
    assert not any(name.startswith("lake.hr.") for name in everything)
    assert desk.search("", stranger) == ()


def test_a_search_is_the_assistants(desk, ana):
    hits = desk.search("what is in finance.revenue_lines", ana)
    assert [hit.table.name for hit in hits] == ["lake.finance.revenue_lines"]


def test_a_table_that_is_hidden_is_like_one_that_is_not_there(desk, emea):
    with pytest.raises(CatalogError) as hidden:
        desk.table("crm.contracts", emea)
    with pytest.raises(CatalogError) as missing:
        desk.table("crm.contrakts", emea)
    assert hidden.value.message.replace("contracts", "contrakts") == missing.value.message
    assert "contracts" not in hidden.value.hint + missing.value.hint


def test_a_short_name_is_enough_where_it_is_the_only_one(desk, ana):
    assert desk.table("revenue_lines", ana).doc.name == "lake.finance.revenue_lines"
    with pytest.raises(CatalogError, match=r"may be any of lake\.crm\.accounts"):
        desk.table("accounts", ana)
