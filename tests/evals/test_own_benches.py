"""Benchmarks of our own in defog's form: their references run and find something; their cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from nlq_evals.outside.defog import DIALECT, load_cases, load_lakes
from nlq_evals.outside.references import ReferenceDatabase
from nlq_evals.suite import Case


@dataclass(frozen=True)
class Bench:
    """What one benchmark is to hold: cases of each file a database, and cases of each category."""

    name: str
    lakes: tuple[str, ...]
    each: dict[str, int]
    categories: dict[str, int]

    @property
    def folder(self) -> Path:
        return Path(__file__).parents[2] / "evals" / self.name

    @property
    def cases(self) -> tuple[Case, ...]:
        return load_cases(self.folder)


BENCHES = (
    Bench(
        "held_out",
        ("airline_ops", "clinic", "payhub", "tunestream", "uni_reg"),
        {"questions": 14, "instruct": 8, "idk": 8},
        {
            "questions:group_by": 18, "questions:order_by": 11, "questions:where": 8,
            "questions:ratio": 10, "questions:table_join": 14, "questions:date_functions": 9,
            "instruct:string_matching": 9, "instruct:keywords_ratio": 7,
            "instruct:keywords_aggregate": 5, "instruct:date_join": 9, "instruct:cte_window": 5,
            "instruct:cte_join": 5, "idk:general": 15, "idk:other_domain": 5, "idk:near_miss": 20,
        },
    ),
    Bench(
        "unseen",
        ("cityguide", "gridbill", "innchain", "parcelnet", "scholarhub", "staffhr"),
        {"questions": 14, "instruct": 6, "idk": 6},
        {
            "questions:group_by": 18, "questions:order_by": 12, "questions:where": 12,
            "questions:ratio": 12, "questions:table_join": 18, "questions:date_functions": 12,
            "instruct:string_matching": 6, "instruct:keywords_ratio": 6,
            "instruct:keywords_aggregate": 6, "instruct:date_join": 6, "instruct:cte_window": 6,
            "instruct:cte_join": 6, "idk:general": 6, "idk:other_domain": 6, "idk:near_miss": 24,
        },
    ),
    Bench(
        "fresh",
        ("agrocoop", "branchlib", "coverclaim", "fareseek", "leaguestat", "skintrial"),
        {"questions": 14, "instruct": 5, "idk": 6},
        {
            "questions:group_by": 18, "questions:order_by": 12, "questions:where": 12,
            "questions:ratio": 12, "questions:table_join": 18, "questions:date_functions": 12,
            "instruct:string_matching": 6, "instruct:keywords_ratio": 6,
            "instruct:keywords_aggregate": 5, "instruct:date_join": 5, "instruct:cte_window": 5,
            "instruct:cte_join": 3, "idk:general": 6, "idk:other_domain": 6, "idk:near_miss": 24,
        },
    ),
    Bench(
        "varied",
        ("buildworks", "fitclub", "givewell_ops", "museum", "skycat", "vetcare"),
        {"questions": 14, "instruct": 6, "idk": 4},
        {
            "questions:group_by": 18, "questions:order_by": 12, "questions:where": 12,
            "questions:ratio": 12, "questions:table_join": 18, "questions:date_functions": 12,
            "instruct:string_matching": 6, "instruct:keywords_ratio": 6,
            "instruct:keywords_aggregate": 6, "instruct:date_join": 6, "instruct:cte_window": 6,
            "instruct:cte_join": 6, "idk:general": 4, "idk:other_domain": 2, "idk:near_miss": 18,
        },
    ),
    Bench(
        "novel",
        ("cinechain", "fabqual", "hirehub", "portlog", "telcosub", "wildreserve"),
        {"questions": 14, "instruct": 6, "idk": 4},
        {
            "questions:group_by": 14, "questions:order_by": 12, "questions:ratio": 12,
            "questions:table_join": 15, "questions:date_functions": 15,
            "questions:string_matching": 8, "questions:where": 8, "instruct:keywords_ratio": 4,
            "instruct:keywords_aggregate": 4, "instruct:cte_window": 6, "instruct:date_join": 6,
            "instruct:string_matching": 2, "instruct:cte_join": 4, "instruct:ratio": 1,
            "instruct:join": 1, "instruct:group_having": 2, "instruct:case": 2,
            "instruct:self_join": 1, "instruct:top_group": 1, "instruct:case_group": 2,
            "idk:general": 6, "idk:near_miss": 18,
        },
    ),
)  # fmt: skip


@pytest.fixture(scope="module", params=BENCHES, ids=lambda bench: bench.name)
def bench(request: pytest.FixtureRequest) -> Bench:
    found: Bench = request.param
    return found


@pytest.fixture(scope="module")
def databases(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, ReferenceDatabase]]:
    lakes = load_lakes(bench.folder, tmp_path_factory.mktemp("homes"), datetime.now())
    opened = {n: ReferenceDatabase(lake.reference, DIALECT, lake.now) for n, lake in lakes.items()}
    yield opened
    for database in opened.values():
        database.close()


def test_every_reference_finds_something(
    bench: Bench, databases: dict[str, ReferenceDatabase]
) -> None:
    assert tuple(sorted(databases)) == bench.lakes
    for case in bench.cases:
        for reference in case.references:
            rows = databases[case.lake].run(reference.sql).rows
            # Nothing but 0 and NULL is what a filter that matches nothing gives.
            assert any(value for row in rows for value in row), f"{case.id}: {reference.sql}"


def test_each_database_has_as_many_cases_of_each_kind(bench: Bench) -> None:
    found = Counter((case.lake, case.id.split("-")[0]) for case in bench.cases)
    assert found == {(lake, file): n for lake in bench.lakes for file, n in bench.each.items()}


def test_categories(bench: Bench) -> None:
    assert Counter(case.category for case in bench.cases) == bench.categories


def test_only_the_unanswerable_are_to_be_refused(bench: Bench) -> None:
    assert all((case.expect == "decline") == case.id.startswith("idk-") for case in bench.cases)
    assert all(case.notes for case in bench.cases if case.id.startswith("instruct-"))


def test_no_question_stands_twice(bench: Bench) -> None:
    assert len({(case.lake, case.question) for case in bench.cases}) == len(bench.cases)
