"""Whether drafts agree, and which of them is taken."""

from __future__ import annotations

import pytest

from nlq.agreement import SURE_BELOW, agree, is_empty, is_settled, is_unsure, most_agreed
from nlq.types import QueryResult, ResultColumn, SqlDraft


def result(*rows: tuple[object, ...]) -> QueryResult:
    width = len(rows[0]) if rows else 1
    columns = tuple(ResultColumn(f"c{i}", "varchar") for i in range(width))
    return QueryResult(columns, rows)


NAMES = result(("a",), ("b",))
COUNTED = result(("b", 2), ("a", 1))
OTHERS = result(("c",), ("d",))


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (NAMES, COUNTED, True),
        (NAMES, OTHERS, False),
        (NAMES, result(("a",)), False),
        (result((1,)), result((1.0,)), True),
        (result((0.1 + 0.2,)), result((0.3,)), True),
        (result((1, 2)), result((2, 3)), False),
    ],
)
def test_agreement_minds_neither_order_nor_further_columns(
    left: QueryResult, right: QueryResult, same: bool
) -> None:
    assert agree(left, right) is same
    assert agree(right, left) is same


def test_the_result_that_most_share_is_taken() -> None:
    assert most_agreed([OTHERS, NAMES, COUNTED]) == 1
    assert most_agreed([OTHERS, NAMES]) == 0
    assert most_agreed([result((None,)), result((None,)), NAMES]) == 2


def test_two_alike_settle_it_but_not_two_empty_ones() -> None:
    assert is_settled([OTHERS, NAMES, COUNTED])
    assert not is_settled([OTHERS, NAMES])
    assert not is_settled([result((None,)), result((None,))])


def test_a_second_opinion_is_for_doubt_and_for_nothing_found() -> None:
    sure = SqlDraft("SELECT 1", "model", doubt=SURE_BELOW - 1)
    assert not is_unsure(sure, NAMES)
    assert is_unsure(sure, None)
    assert is_unsure(sure, result((None,)))
    assert is_unsure(SqlDraft("SELECT 1", "model", doubt=SURE_BELOW + 1), NAMES)
    assert not is_unsure(SqlDraft("SELECT 1", "model"), NAMES)
    assert is_empty(QueryResult((ResultColumn("c", "varchar"),), ()))
