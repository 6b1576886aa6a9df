from __future__ import annotations

import json

from command import nlq


def test_the_catalog_lists_what_the_person_may_see() -> None:
    mine = {doc["name"] for doc in json.loads(nlq("catalog", "show", "--json").out)}
    assert "lake.finance.revenue_lines" in mine
    nobody = json.loads(nlq("catalog", "show", "--json", "--as", "nobody").out)
    assert nobody == []


def test_a_table_is_found_by_its_short_name() -> None:
    ran = nlq("catalog", "show", "revenue_lines")
    assert ran.status == 0
    assert ran.out.startswith("lake.finance.revenue_lines\n")
    assert "amt_usd_c" in ran.out


def test_a_wrong_name_is_answered_with_a_near_one() -> None:
    ran = nlq("catalog", "show", "revenue_linez")
    assert ran.status == 2
    assert "Did you mean lake.finance.revenue_lines" in ran.err


def test_a_table_that_is_hidden_looks_like_one_that_is_not_there() -> None:
    hidden = nlq("catalog", "show", "revenue_lines", "--as", "nobody")
    absent = nlq("catalog", "show", "nosuch", "--as", "nobody")
    assert hidden.err.replace("revenue_lines", "X") == absent.err.replace("nosuch", "X")


def test_searching_without_an_index_says_how_to_build_it() -> None:
    ran = nlq("catalog", "search", "revenue")
    assert ran.status == 3
    assert "nlq " in ran.err


def test_pulling_without_an_engine_says_what_to_set() -> None:
    ran = nlq("catalog", "pull")
    assert ran.status == 2
    assert "catalog.engine" in ran.err
