"""The function and query cases of ``tests/engine/presto`` on real servers.

The embedded engine is held to the same cases by ``tests/engine/test_presto_results.py``. Where
Trino differs, ``trino_differs.txt`` has what it gives, in the same form, under the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cases
import pytest
from cases import Case
from comparing import plain_type

from nlq.cancel import CancelToken
from nlq.engine.trino_client_engine import PrestoEngine, TrinoEngine
from nlq.errors import QueryFailed
from nlq.types import QueryResult, RunLimits

FILES = sorted(cases.FOLDER.glob("*.txt"))
BEYOND = cases.FOLDER / "beyond_prestodb.txt"
DIFFERS = {case.text: case for case in cases.read(Path(__file__).parent / "trino_differs.txt")}
AT_ONCE = 30
"""Expressions in one SELECT: a query costs tens of milliseconds, however little it asks."""

Ask = Callable[[str], QueryResult]


@pytest.fixture(scope="module")
def ask_presto(presto_server, guarded) -> Iterator[Ask]:
    engine = PrestoEngine(presto_server.url)
    yield lambda sql: engine.run(guarded(sql), RunLimits(seconds=120), CancelToken())
    engine.close()


@pytest.fixture(scope="module")
def ask_trino(trino_server, guarded) -> Iterator[Ask]:
    engine = TrinoEngine(trino_server.url)
    yield lambda sql: engine.run(guarded(sql), RunLimits(seconds=120), CancelToken())
    engine.close()


@pytest.mark.parametrize("file", [f for f in FILES if f != BEYOND], ids=lambda file: file.stem)
def test_prestodb_gives_what_the_cases_say(file: Path, ask_presto: Ask) -> None:
    wanted = list(cases.read(file))
    assert differing(wanted, given(wanted, ask_presto)) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_trino_gives_what_the_cases_and_the_list_of_differences_say(
    file: Path, ask_trino: Ask
) -> None:
    wanted = [DIFFERS.get(case.text, case) for case in cases.read(file)]
    assert differing(wanted, given(wanted, ask_trino)) == []


def test_prestodb_lacks_what_is_said_to_be_beyond_it(ask_presto: Ask) -> None:
    wanted = [Case(case.text, error="any") for case in cases.read(BEYOND)]
    assert differing(wanted, given(wanted, ask_presto)) == []


def test_the_differences_are_of_cases_that_there_are_and_differ() -> None:
    every = {case.text: case for file in FILES for case in cases.read(file)}
    for text, case in DIFFERS.items():
        assert every[text] != case


def differing(wanted: list[Case], got: list[Case]) -> list[tuple[Case, Case]]:
    """The pairs that are not the same; an error's words are not compared."""
    pairs = zip(wanted, got, strict=True)
    return [
        (want, have) for want, have in pairs if have != want and not (want.error and have.error)
    ]


def given(wanted: list[Case], ask: Ask) -> list[Case]:
    """What the server gives for each: expressions together, queries and failures by themselves."""
    together = [case for case in wanted if case.sql != case.text and not case.error]
    alone = [case for case in wanted if case.sql == case.text or case.error]
    groups = [together[i : i + AT_ONCE] for i in range(0, len(together), AT_ONCE)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda case: given_alone(case, ask), alone))
        for group in pool.map(lambda group: given_together(group, ask), groups):
            answers += group
    found = {case.text: case for case in answers}
    return [found[case.text] for case in wanted]


def given_together(group: list[Case], ask: Ask) -> list[Case]:
    select = ", ".join(f"{case.text} AS c{number}" for number, case in enumerate(group))
    try:
        result = ask(f"SELECT {select}")
    except QueryFailed:  # find out whose fault it is
        return [given_alone(case, ask) for case in group]
    (row,) = result.rows
    return [
        as_case(case, [column.type], [[value]])
        for case, column, value in zip(group, result.columns, row, strict=True)
    ]


def given_alone(case: Case, ask: Ask) -> Case:
    try:
        result = ask(case.sql)
    except QueryFailed as error:
        return replace(case, types=(), rows=(), error=error.message)
    return as_case(case, [column.type for column in result.columns], result.rows)


def as_case(case: Case, types: list[str], rows: object) -> Case:
    plain = tuple(map(plain_type, types))
    shown = tuple(
        [cases.comparable(value, kind) for value, kind in zip(row, plain, strict=True)]
        for row in rows
    )
    return Case(case.text, plain, shown)
