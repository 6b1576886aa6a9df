from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nlq.errors import ReviewError
from nlq.kept.review_files import QueryFile, case_id, put_case
from nlq.kept.yaml_list import with_entry, without_entry
from nlq.types import VerifiedQuery

HAND = """\
# By hand.
verified_queries:
  # about a
  - question: a?
    sql: |-
      SELECT 1
      -- # not a comment of YAML's

  # about c
  - question: c?
    sql: SELECT 3
glossary: [one]
"""
PATH = Path("x.yaml")


def test_an_entry_goes_in_without_touching_the_others() -> None:
    text = with_entry(HAND, "verified_queries", ["- question: b?", "  sql: SELECT 2"], 1, PATH)
    assert [e["question"] for e in yaml.safe_load(text)["verified_queries"]] == ["a?", "b?", "c?"]
    assert set(HAND.splitlines()) <= set(text.splitlines())
    assert text.index("b?") < text.index("# about c")
    assert without_entry(text, "verified_queries", lambda e: e["question"] == "b?", PATH) == HAND


def test_an_entry_goes_to_the_end_before_other_keys() -> None:
    text = with_entry(HAND, "verified_queries", ["- question: d?", "  sql: SELECT 4"], None, PATH)
    assert text.endswith("  - question: d?\n    sql: SELECT 4\nglossary: [one]\n")


@pytest.mark.parametrize(
    "text", ["verified_queries: [{question: a?, sql: S}]\n", "verified_queries: 1\n", "a: [\n"]
)
def test_what_cannot_be_changed_safely_is_refused(text: str) -> None:
    with pytest.raises(ReviewError):
        with_entry(text, "verified_queries", ["- question: b?", "  sql: S"], None, PATH)


def query(question: str, sql: str = "SELECT 1") -> VerifiedQuery:
    return VerifiedQuery(question, sql, "pat", tables=("lake.a.b",))


def test_a_file_of_its_own_is_sorted_and_the_same_again(tmp_path: Path) -> None:
    file = QueryFile(tmp_path, Path("q.yaml"))
    for name in ("c?", "a?", 'b: it\'s "so"?'):
        file.put(query(name))
    text = file.path.read_text()
    found = yaml.safe_load(text)["verified_queries"]
    assert [e["question"] for e in found] == ["a?", 'b: it\'s "so"?', "c?"]
    file.put(query("A?", "SELECT\n  1,\n\n  'x: # y'"))
    again = yaml.safe_load(file.path.read_text())["verified_queries"]
    assert again[0]["sql"] == "SELECT\n  1,\n\n  'x: # y'"
    assert len(again) == 3
    file.put(query("a?"))
    assert file.path.read_text() == text
    assert not [p for p in tmp_path.iterdir() if p.name != "q.yaml"]


def test_the_last_one_leaves_an_empty_list(tmp_path: Path) -> None:
    file = QueryFile(tmp_path, Path("q.yaml"))
    file.put(query("a?"))
    assert file.remove("a?")
    assert not file.remove("a?")
    assert yaml.safe_load(file.path.read_text())["verified_queries"] == []
    file.put(query("b?"))
    assert file.has("B?")


def test_a_case_goes_after_those_that_were_written_by_hand(tmp_path: Path) -> None:
    from nlq_evals.suite import load_suite

    path = tmp_path / "s.yaml"
    path.write_text(
        "version: 1\nname: s\ncases:\n  - id: one\n    category: join\n    question: One?\n"
        "    references:\n      - sql: SELECT 1\n"
    )
    put_case(path, case_id("Two?", "f00"), "Two?", "SELECT 2\nFROM t", ("executive",), 2)
    put_case(path, case_id("Two?", "f00"), "Two?", "SELECT 3", ("executive",), 1)
    one, two = load_suite(path).cases
    assert (one.id, two.id, two.roles) == ("one", "two-f00", ("executive",))
    assert two.references[0].sql == "SELECT 3"
