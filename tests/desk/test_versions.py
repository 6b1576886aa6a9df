"""Layout and differences of two versions of a query."""

from __future__ import annotations

import pytest

from nlq.desk.versions import diff, formatted, same_query
from nlq.errors import GuardRefused


def test_layout_alone_is_no_difference():
    lines = diff("select a,b from t where a = 1", "SELECT a,\n  b\nFROM t\nWHERE a=1")
    assert {line.kind for line in lines} == {"same"}
    assert [line.before for line in lines] == list(range(1, len(lines) + 1))


def test_added_and_removed_lines_have_the_numbers_of_their_version():
    lines = diff("SELECT a, b FROM t", "SELECT a, c FROM t LIMIT 5")
    changed = [(d.kind, d.text.strip(), d.before, d.after) for d in lines if d.kind != "same"]
    assert changed == [
        ("removed", "b", 3, None),
        ("added", "c", None, 3),
        ("added", "LIMIT 5", None, 5),
    ]


def test_what_cannot_be_read_is_compared_as_written():
    lines = diff("SELECT a FROM", "SELECT a\nFROM t")
    assert [(line.kind, line.text) for line in lines] == [
        ("removed", "SELECT a FROM"),
        ("added", "SELECT"),
        ("added", "  a"),
        ("added", "FROM t"),
    ]


def test_comments_stay_in_the_layout():
    assert "/* paying ones */" in formatted("SELECT a FROM t WHERE plan <> 'F' -- paying ones")


@pytest.mark.parametrize("text", ["SELECT FROM WHERE", "  ", "SELECT 'open", "(" * 5000])
def test_what_cannot_be_laid_out_is_said(text):
    with pytest.raises(GuardRefused) as refused:
        formatted(text)
    assert refused.value.rule == "unparsable"
    assert refused.value.hint


def test_queries_are_the_same_but_for_layout():
    assert same_query("select a from t", "SELECT a /* x */ FROM t")
    assert not same_query("select a from t", "SELECT b FROM t")
    assert same_query("not sql at all ((", " not sql at all ((")
