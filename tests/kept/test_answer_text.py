"""Answers come back equal, and large ones shorter."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from nlq.errors import KeptError
from nlq.kept.answer_text import MOST_CHARACTERS, MOST_ROWS, answer_text, read_answer
from nlq.types import Answer, QueryResult, ResultColumn

Make = Callable[..., Answer]


def test_an_answer_comes_back_equal_with_every_type_of_value(make_answer: Make) -> None:
    answer = make_answer()
    again = read_answer(answer_text(answer))
    assert again == answer
    assert again.result is not None
    assert answer.result is not None
    assert repr(again.result.rows) == repr(answer.result.rows)


def test_one_without_a_result_too(make_answer: Make) -> None:
    answer = make_answer(kind="clarification", result=None, plan=None, options=("a", "b"))
    assert read_answer(answer_text(answer)) == answer


@pytest.mark.parametrize(("rows", "width"), [(5 * MOST_ROWS, 1), (MOST_ROWS, 10_000), (2, 10**6)])
def test_of_a_large_result_the_first_rows_are_kept(
    make_answer: Make, rows: int, width: int
) -> None:
    column = (ResultColumn("c", "varchar"),)
    answer = make_answer(result=QueryResult(column, (("x" * width,),) * rows))
    text = answer_text(answer)
    kept = read_answer(text).result
    assert kept is not None
    assert 0 < len(kept.rows) <= MOST_ROWS
    assert len(text) < MOST_CHARACTERS + 5_000 or len(kept.rows) == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": 3}', '{"result": {"rows": "x"}}'])
def test_what_cannot_be_read_is_a_plain_error(text: str) -> None:
    with pytest.raises(KeptError, match="can no longer be read"):
        read_answer(text)


def test_a_field_of_another_version_is_passed_over(make_answer: Make) -> None:
    answer = replace(make_answer(), result=None)
    more = {**json.loads(answer_text(answer)), "of_tomorrow": 1}
    assert read_answer(json.dumps(more)) == answer
