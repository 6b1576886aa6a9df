"""The held-out benchmark: its references run and find something; how many cases it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from nlq_evals.outside.defog import DIALECT, load_cases, load_lakes
from nlq_evals.outside.references import ReferenceDatabase

FOLDER = Path(__file__).parents[2] / "evals" / "held_out"
LAKES = ("airline_ops", "clinic", "payhub", "tunestream", "uni_reg")
CASES = load_cases(FOLDER)


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ReferenceDatabase]]:
    lakes = load_lakes(FOLDER, tmp_path_factory.mktemp("homes"), datetime.now())
    opened = {n: ReferenceDatabase(lake.reference, DIALECT, lake.now) for n, lake in lakes.items()}
    yield opened
    for database in opened.values():
        database.close()


@pytest.mark.parametrize("lake", LAKES)
def test_every_reference_finds_something(
    databases: dict[str, ReferenceDatabase], lake: str
) -> None:
    for case in CASES:
        for reference in case.references if case.lake == lake else ():
            rows = databases[lake].run(reference.sql).rows
            # Nothing but 0 and NULL is what a filter that matches nothing gives.
            assert any(value for row in rows for value in row), f"{case.id}: {reference.sql}"


def test_each_database_has_as_many_cases_of_each_kind() -> None:
    found = Counter((case.lake, case.id.split("-")[0]) for case in CASES)
    wanted = {"questions": 14, "instruct": 8, "idk": 8}
    assert found == {(lake, file): n for lake in LAKES for file, n in wanted.items()}


def test_categories() -> None:
    found = Counter(case.category for case in CASES)
    assert found == {
        "questions:group_by": 18, "questions:order_by": 11, "questions:where": 8,
        "questions:ratio": 10, "questions:table_join": 14, "questions:date_functions": 9,
        "instruct:string_matching": 9, "instruct:keywords_ratio": 7,
        "instruct:keywords_aggregate": 5, "instruct:date_join": 9, "instruct:cte_window": 5,
        "instruct:cte_join": 5, "idk:general": 15, "idk:other_domain": 5, "idk:near_miss": 20,
    }  # fmt: skip


def test_only_the_unanswerable_are_to_be_refused() -> None:
    assert all((case.expect == "refuse") == case.id.startswith("idk-") for case in CASES)
    assert all(case.notes for case in CASES if case.id.startswith("instruct-"))


def test_no_question_stands_twice() -> None:
    assert len({(case.lake, case.question) for case in CASES}) == len(CASES)
