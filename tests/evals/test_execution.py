import random
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from nlq_evals.scorers.execution import compare
from nlq_evals.suite import Reference

RULE = Reference("SELECT ref")


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ([(1,)], [(1.0,)]),
        ([(Decimal("12.50"),)], [(12.5,)]),
        ([(0.123449,)], [(0.12345,)]),
        ([(1e13,)], [(1e13 + 1,)]),
        ([(None,)], [(None,)]),
        ([(float("nan"),)], [(float("nan"),)]),
        ([(date(2026, 5, 1),)], [(datetime(2026, 5, 1),)]),
        ([(date(2026, 5, 1),)], [("2026-05-01",)]),
        ([(date(2026, 5, 1),)], [("2026-05",)]),
        ([(date(2026, 5, 1),)], [("2026-05-01 00:00:00.000 UTC",)]),
        ([(datetime(2026, 5, 1, 9, 30),)], [("2026-05-01T09:30:00",)]),
        ([(datetime(2026, 5, 1, 9, tzinfo=UTC),)], [(datetime(2026, 5, 1, 9),)]),
        ([([1, 2],)], [([1.0, 2],)]),
        ([({"a": 1, "b": 2},)], [({"b": 2, "a": 1},)]),
    ],
)
def test_equal_values_in_different_types(result, wanted, given):
    assert compare(result("x", rows=wanted), result("y", rows=given), RULE).right


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ([(0.5,)], [(50,)]),
        ([(1,)], [(1.001,)]),
        ([(1,)], [("1",)]),
        ([(1,)], [(True,)]),
        ([(None,)], [(0,)]),
        ([("US",)], [("us",)]),
        ([(date(2026, 5, 1),)], [(datetime(2026, 5, 1, 1),)]),
        ([(date(2026, 5, 1),)], [("2026-13-01",)]),
        ([([1, 2],)], [([2, 1],)]),
        ([(0.0,)], [(None,)]),
        ([(float("nan"),)], [(None,)]),
    ],
)
def test_different_values(result, wanted, given):
    assert not compare(result("x", rows=wanted), result("x", rows=given), RULE).right


def test_rows_are_a_bag_unless_ordered(result):
    wanted = result("n", "v", rows=[("a", 2), ("b", 1), ("b", 1)])
    turned = result("n", "v", rows=[("b", 1), ("a", 2), ("b", 1)])
    assert compare(wanted, turned, RULE).right
    assert not compare(wanted, turned, RULE, ordered=True).right
    assert compare(wanted, wanted, RULE, ordered=True).right


def test_how_often_a_row_comes_counts(result):
    wanted = result("n", rows=[("a",), ("a",), ("b",)])
    given = result("n", rows=[("a",), ("b",), ("b",)])
    verdict = compare(wanted, given, RULE)
    assert not verdict.right


def test_extra_and_rearranged_columns_are_fine_missing_ones_are_not(result):
    wanted = result("name", "total", rows=[("a", 1), ("b", 2)])
    more = result("sum", "id", "label", rows=[(2, 8, "b"), (1, 9, "a")])
    less = result("total", rows=[(1,), (2,)])
    assert compare(wanted, more, RULE).right
    verdict = compare(wanted, less, RULE)
    assert not verdict.right
    assert verdict.reason == "no predicted column has the values of name"


def test_columns_that_agree_alone_but_not_together(result):
    wanted = result("name", "total", rows=[("a", 1), ("b", 2)])
    crossed = result("name", "total", rows=[("a", 2), ("b", 1)])
    verdict = compare(wanted, crossed, RULE)
    assert not verdict.right
    assert "combined" in verdict.reason


def test_two_wanted_columns_need_two_predicted_ones(result):
    wanted = result("now", "before", rows=[(1, 1), (2, 2)])
    one = result("now", "other", rows=[(1, 7), (2, 8)])
    two = result("now", "before", rows=[(2, 2), (1, 1)])
    assert not compare(wanted, one, RULE).right
    assert compare(wanted, two, RULE).right


def test_the_right_one_of_several_candidate_columns_is_found(result):
    wanted = result("k", "v", rows=[("a", 1), ("b", 2), ("c", 3)])
    given = result("decoy", "k", "v", rows=[(2, "a", 1), (3, "b", 2), (1, "c", 3)])
    assert compare(wanted, given, RULE).right


def test_any_of_needs_one_of_the_columns(result):
    rule = Reference("SELECT ref", any_of=("id", "name"))
    wanted = result("id", "name", "total", rows=[(7, "a", 1), (8, "b", 2)])
    assert compare(wanted, result("name", "t", rows=[("b", 2), ("a", 1)]), rule).right
    assert compare(wanted, result("id", "t", rows=[(8, 2), (7, 1)]), rule).right
    assert not compare(wanted, result("t", rows=[(2,), (1,)]), rule).right


def test_a_ratio_may_come_as_percent_where_the_rule_says_so(result):
    wanted = result("rate", rows=[(0.5,), (0.25,)])
    given = result("percent", rows=[(25.0,), (50.0,)])
    assert not compare(wanted, given, RULE).right
    assert compare(wanted, given, Reference("SELECT ref", ratios=("rate",))).right
    mixed = result("percent", rows=[(0.25,), (50.0,)])
    assert not compare(wanted, mixed, Reference("SELECT ref", ratios=("rate",))).right


def test_rounding_noise_does_not_shuffle_rows(result):
    wanted = result("x", "name", rows=[(1.00000, "a"), (1.00001, "b")])
    given = result("x", "name", rows=[(1.00001, "a"), (1.00000, "b")])
    assert compare(wanted, given, RULE).right


def test_near_numbers_do_not_chain_into_equal_ones(result):
    wanted = result("x", rows=[(n * 4e-5,) for n in range(100)])
    given = result("x", rows=[(0.0,)] * 100)
    assert not compare(wanted, given, RULE).right


def test_empty_results_agree_if_the_columns_can(result):
    assert compare(result("a", rows=[]), result("b", rows=[]), RULE).right
    assert not compare(result("a", "b", rows=[]), result("b", rows=[]), RULE).right


def test_reasons_name_rows_and_cents(result):
    assert compare(result("a", rows=[(1,)]), result("a", rows=[]), RULE).reason == (
        "0 rows, expected 1"
    )
    assert (
        "factor of 100"
        in compare(result("a", rows=[(12.5,)]), result("a", rows=[(1250,)]), RULE).reason
    )


def test_a_rule_that_names_no_column_is_the_suites_fault(result):
    with pytest.raises(ValueError, match="no column total"):
        compare(
            result("a", rows=[(1,)]), result("a", rows=[(1,)]), Reference("s", any_of=("total",))
        )


def test_many_alike_columns_take_no_factorial_time(result):
    """Twelve columns that agree alone: 479 million orders, none of which fits."""
    shuffled = random.Random(3)
    rows = 40
    columns = [shuffled.sample(range(rows), rows) for _ in range(12)]
    others = [shuffled.sample(range(rows), rows) for _ in range(12)]
    names = [f"c{n}" for n in range(12)]
    wanted = result(*names, rows=list(zip(*columns, strict=True)))
    given = result(*names, rows=list(zip(*others, strict=True)))
    started = time.process_time()
    assert not compare(wanted, given, RULE).right
    assert compare(wanted, result(*names, rows=list(zip(*columns[::-1], strict=True))), RULE).right
    assert time.process_time() - started < 5


def test_constant_columns_take_no_factorial_time(result):
    names = [f"c{n}" for n in range(12)]
    wanted = result(*names, rows=[(1,) * 11 + (2,), (1,) * 11 + (3,)])
    given = result(*names, rows=[(1,) * 12, (1,) * 12])
    started = time.process_time()
    assert not compare(wanted, given, RULE).right
    assert time.process_time() - started < 1


def test_ten_thousand_rows_are_quick(result):
    rows = [(n % 97, f"name {n}", n / 7) for n in range(10_000)]
    shuffled = rows[:]
    random.Random(1).shuffle(shuffled)
    started = time.process_time()
    assert compare(
        result("a", "b", "c", rows=rows), result("a", "b", "c", rows=shuffled), RULE
    ).right
    assert time.process_time() - started < 5
