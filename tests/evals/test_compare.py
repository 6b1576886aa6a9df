"""Two runs side by side: what counts as a difference, and what as noise."""

from __future__ import annotations

import pytest
from nlq_evals.__main__ import app
from nlq_evals.compare import compare, table
from nlq_evals.log import RunInfo, RunLog
from nlq_evals.outcome import Outcome
from typer.testing import CliRunner


def outcomes(marks: str, category: str = "metric") -> list[Outcome]:
    """One outcome for each letter: ``+`` is right."""
    return [
        Outcome(f"c{n}", "f", category, "answer", "?", "answer", mark == "+", "")
        for n, mark in enumerate(marks)
    ]


def test_wins_and_losses_are_told_by_case() -> None:
    found = compare(outcomes("++--"), outcomes("+-++"))[0]
    assert (found.name, found.cases, found.before, found.after) == ("answerable", 4, 0.5, 0.75)
    assert (found.won, found.lost) == (("c2", "c3"), ("c1",))
    assert found.change == pytest.approx(0.25)


def test_few_cases_are_noise_and_many_alike_are_not() -> None:
    few, many = (
        compare(outcomes("++"), outcomes("+-"))[0],
        compare(outcomes("+" * 40), outcomes("+" * 28 + "-" * 12))[0],
    )
    assert not few.is_loss
    assert few.chance == 1.0
    assert many.is_loss
    assert many.chance < 0.001


def test_cases_that_changed_are_not_compared() -> None:
    other = [Outcome("c0", "changed", "metric", "answer", "?", "answer", True, "")]
    assert compare(outcomes("+"), other) == ()


def test_each_category_has_its_own_line() -> None:
    lines = list(table(compare(outcomes("+-", "join"), outcomes("++", "join"))))
    assert any(line.startswith("| join | 2 | 50.0% | 100.0% | +50.0%") for line in lines)
    assert "Won: c1." in lines


@pytest.mark.parametrize(("after", "status"), [("+" * 40, 0), ("-" * 40, 1)])
def test_the_command_fails_on_a_loss(tmp_path, after: str, status: int) -> None:
    for name, marks in (("a", "+" * 40), ("b", after)):
        log = RunLog(tmp_path / name)
        log.open(RunInfo("tiny", "a model", "2 cores", "2026-07-15"))
        for outcome in outcomes(marks):
            log.add(outcome)
    ran = CliRunner().invoke(app, ["compare", str(tmp_path / "a"), str(tmp_path / "b")])
    assert ran.exit_code == status
