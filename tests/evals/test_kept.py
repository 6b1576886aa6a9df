"""Baselines that are committed, and the page over several runs."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from nlq_evals.__main__ import app
from nlq_evals.kept import keep, read
from nlq_evals.log import RunInfo, RunLog
from nlq_evals.outcome import Outcome
from nlq_evals.page import page
from nlq_evals.scorers.money import Prices
from nlq_evals.suite import SuiteError
from typer.testing import CliRunner

INFO = RunInfo("tiny", "a model", "2 cores", "2026-07-15")


def outcomes(marks: str, **more: object) -> list[Outcome]:
    """One outcome for each letter: ``+`` is right."""
    return [
        Outcome(
            f"c{n}", "f", "metric", "answer", "a secret question?", "answer", mark == "+", "off",
            predicted_sql="SELECT 1 < 2", reference_sql="SELECT secret", **more,
        )
        for n, mark in enumerate(marks)
    ]  # fmt: skip


def logged(folder, marks: str):
    log = RunLog(folder)
    log.open(INFO)
    for outcome in outcomes(marks):
        log.add(outcome)
    return str(folder)


def test_a_baseline_has_marks_and_figures_and_no_sql(tmp_path):
    path = tmp_path / "baselines" / "tiny.json"
    keep(INFO, outcomes("++-+"), path)
    text = path.read_text()
    assert "secret" not in text
    assert json.loads(text)["answerable"]["right"] == 3
    info, found = read(path)
    assert info == INFO
    assert [(o.id, o.right) for o in found] == [(f"c{n}", n != 2) for n in range(4)]


@pytest.mark.parametrize(("after", "status"), [("+" * 40, 0), ("+" * 39 + "-", 0), ("-" * 40, 1)])
def test_a_loss_against_the_committed_baseline_fails(tmp_path, after, status):
    baseline = str(tmp_path / "tiny.json")
    kept = CliRunner().invoke(app, ["keep", logged(tmp_path / "a", "+" * 40), baseline])
    assert kept.exit_code == 0
    ran = CliRunner().invoke(app, ["compare", baseline, logged(tmp_path / "b", after)])
    assert ran.exit_code == status


def test_a_faulty_run_and_another_file_are_no_baseline(tmp_path):
    with pytest.raises(SuiteError, match="did not run"):
        keep(INFO, outcomes("+", suite_fault="broken"), tmp_path / "x.json")
    with pytest.raises(SuiteError, match="no outcome"):
        keep(INFO, [], tmp_path / "x.json")
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(SuiteError, match="no baseline"):
        read(tmp_path / "x.json")


class Tags(HTMLParser):
    """Collects what is open, so that a page is known to be well-formed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headers = 0
        self.scoped = 0

    def handle_starttag(self, tag, attrs):
        if tag == "th":
            self.headers += 1
            self.scoped += "scope" in dict(attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_stands_alone_is_well_formed_and_says_the_figures():
    runs = [
        (INFO, outcomes("++-", seconds=2.0, rules=("engine",), needed=("t", "t:a"), shown=("t",))),
        (INFO, outcomes("---", seconds=200.0, tokens_read=1_000_000)),
    ]
    text = page(runs, Prices(0.4, 1.6))
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert tags.headers == tags.scoped > 20
    assert re.search(r"https?://|<script|<link|src=", text) is None
    assert "2/3 = 66.7%" in text
    assert "nlq (2)" in text
    assert "1.2000" in text
    assert "SELECT 1 &lt; 2" in text
    assert text.count("<details>") == 4
    assert "3 turned down, 3 answered after repair" in text
    assert re.search(r"above 100 s</th><td><svg[^>]*><rect[^>]*/></svg>0</td>.*</svg>3</td>", text)


def test_the_report_of_several_runs_is_written_side_by_side(tmp_path):
    target = tmp_path / "both.md"
    folders = [logged(tmp_path / name, "+-") for name in ("a", "b")]
    ran = CliRunner().invoke(
        app,
        ["report", "--out", folders[0], "--out", folders[1], "--report", str(target)],
    )
    assert ran.exit_code == 0
    assert target.read_text().count("# Suite tiny") == 2
    assert "nlq (2)" in target.with_suffix(".html").read_text()
