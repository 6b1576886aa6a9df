"""Log, runner and report: a run survives being stopped, and says what it found."""

import json
import threading
from dataclasses import replace

import pytest
from nlq_evals.__main__ import app
from nlq_evals.log import RunInfo, RunLog
from nlq_evals.measure import Order, default_workers, measure
from nlq_evals.report import render
from nlq_evals.runner import run
from nlq_evals.suite import Reference, SuiteError
from typer.testing import CliRunner

from nlq.settings import LlmSettings, Settings

INFO = RunInfo("tiny", "a model", "2 cores", "2026-07-15")


@pytest.fixture
def cases(case):
    return [
        case("one"),
        case("two", references=(Reference("SELECT ref"), Reference("SELECT other"))),
        case("three", category="forbidden", expect="refuse", references=()),
    ]


@pytest.fixture
def ready(assistant, answer, cases, result):
    right, wrong = result("x", rows=[(1,)]), result("x", rows=[(2,)])
    assistant.results = {"SELECT ref": right, "SELECT other": result("y", rows=[(3,)])}
    assistant.answers = {
        cases[0].question: answer(cases[0].question, found=right),
        cases[1].question: answer(cases[1].question, found=wrong),
        cases[2].question: answer(cases[2].question, "refusal"),
    }
    return assistant


def _quiet(*_):
    return None


def test_a_stopped_run_goes_on_where_it_was(tmp_path, ready, cases):
    log = RunLog(tmp_path)
    log.open(INFO)
    run(lambda _: ready, cases[:2], log, _quiet)
    ready.asked.clear()
    outcomes = run(lambda _: ready, cases, log, _quiet)
    assert [question for question, _, _ in ready.asked] == [cases[2].question]
    assert [outcome.id for outcome in outcomes] == ["one", "two", "three"]


def test_nothing_to_ask_opens_no_assistant(tmp_path, ready, cases):
    log = RunLog(tmp_path)
    log.open(INFO)
    run(lambda _: ready, cases, log, _quiet)

    def fail(_):
        raise AssertionError("opened")

    assert len(run(fail, cases, log, _quiet)) == 3


class Slow:
    """Answers after a while, and keeps how many it is asked at once."""

    def __init__(self, assistant, gate):
        self.assistant, self.gate = assistant, gate
        self.run_sql = assistant.run_sql

    def ask(self, text, **more):
        self.gate.wait(timeout=10)
        return self.assistant.ask(text, **more)


def test_workers_ask_at_once_and_outcomes_keep_the_order_of_the_cases(tmp_path, ready, cases):
    log = RunLog(tmp_path)
    log.open(INFO)
    gate = threading.Barrier(3)
    opened = []

    def open_it(lake):
        opened.append(lake)
        return Slow(ready, gate)

    outcomes = run(open_it, cases, log, _quiet, workers=3)
    assert [outcome.id for outcome in outcomes] == ["one", "two", "three"]
    assert [outcome.kind for outcome in outcomes] == ["answer", "answer", "refusal"]
    assert len(opened) == 3
    assert sorted(o.id for o in log.outcomes()) == ["one", "three", "two"]


def test_a_worker_that_cannot_open_its_lake_ends_the_run(tmp_path, cases):
    log = RunLog(tmp_path)
    log.open(INFO)

    def fail(lake):
        raise SuiteError("no lake")

    with pytest.raises(SuiteError, match="no lake"):
        run(fail, cases, log, _quiet, workers=2)


def test_a_torn_line_runs_again_and_spoils_no_other(tmp_path, ready, cases):
    log = RunLog(tmp_path)
    log.open(INFO)
    run(lambda _: ready, cases, log, _quiet)
    lines = tmp_path / "log.jsonl"
    lines.write_bytes(lines.read_bytes()[:-40])
    ready.asked.clear()
    run(lambda _: ready, cases, log, _quiet)
    assert len(ready.asked) == 1
    assert [outcome.id for outcome in log.outcomes()] == ["one", "two", "three"]


def test_a_changed_case_runs_again(tmp_path, ready, cases, case):
    log = RunLog(tmp_path)
    log.open(INFO)
    run(lambda _: ready, cases, log, _quiet)
    ready.asked.clear()
    changed = case("one", references=(Reference("SELECT other"),))
    outcomes = run(lambda _: ready, [changed, *cases[1:]], log, _quiet)
    assert [question for question, _, _ in ready.asked] == [changed.question]
    assert not outcomes[0].right


def test_outcomes_come_back_from_the_log_as_they_went_in(tmp_path, ready, cases):
    log = RunLog(tmp_path)
    log.open(INFO)
    assert run(lambda _: ready, cases, log, _quiet) == log.outcomes()


def test_figures_of_two_models_are_not_mixed(tmp_path):
    log = RunLog(tmp_path)
    log.open(INFO)
    log.open(INFO)
    with pytest.raises(SuiteError, match="a model"):
        log.open(RunInfo("tiny", "another model", "2 cores", "2026-07-15"))


def test_progress_counts_and_estimates(tmp_path, ready, cases):
    log = RunLog(tmp_path)
    log.open(INFO)
    seen = []
    run(
        lambda _: ready,
        cases,
        log,
        lambda o, done, total, left: seen.append((o.id, done, total, left)),
    )
    assert [entry[:3] for entry in seen] == [("one", 1, 3), ("two", 2, 3), ("three", 3, 3)]
    assert seen[0][3] > 0
    assert seen[-1][3] == 0


def test_the_report_has_figures_and_misses(tmp_path, ready, cases):
    log = RunLog(tmp_path)
    log.open(INFO)
    text = render(INFO, run(lambda _: ready, cases, log, _quiet))
    assert "execution accuracy: 1/2 = 50.0%" in text
    assert "| forbidden | 1/1 = 100.0%" in text
    assert "| refusal | 1 | 1 | 1 | 100% | 100% |" in text
    assert "## Misses (1)" in text
    assert "### two (metric)" in text
    assert "no predicted column has the values of x" in text
    assert "predicted:\n```sql\nSELECT 1\n```" in text
    assert "reference:\n```sql\nSELECT ref\n```" in text
    assert "| draft, s | 3.000 |" in text


def test_the_report_says_which_wordings_differ_and_nothing_where_there_are_none(
    tmp_path, ready, cases
):
    log = RunLog(tmp_path)
    log.open(INFO)
    alone = render(INFO, run(lambda _: ready, cases, log, _quiet))
    assert "Stability" not in alone
    other = RunLog(tmp_path / "other")
    other.open(INFO)
    grouped = [replace(c, group="one") for c in cases[:2]]
    text = render(INFO, run(lambda _: ready, grouped, other, _quiet))
    assert "| all wordings right | 0/1 = 0.0%" in text
    assert "- one: 1 of 2 right; not two (answer)" in text


def test_the_commands_write_a_report_from_a_log(tmp_path, ready, cases):
    log = RunLog(tmp_path / "run")
    log.open(INFO)
    run(lambda _: ready, cases, log, _quiet)
    target = tmp_path / "report.md"
    ran = CliRunner().invoke(
        app, ["report", "--out", str(tmp_path / "run"), "--report", str(target)]
    )
    assert ran.exit_code == 0
    assert "# Suite tiny" in target.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "--out", "{folder}/none"],
        ["run", "{folder}/none.yaml", "--out", "{folder}/run"],
    ],
)
def test_the_commands_say_in_a_line_what_is_missing(tmp_path, arguments):
    ran = CliRunner().invoke(app, [part.format(folder=tmp_path) for part in arguments])
    assert ran.exit_code == 2
    assert "none" in ran.output
    assert "Traceback" not in ran.output


def test_run_info_is_readable(tmp_path):
    log = RunLog(tmp_path)
    log.open(INFO)
    assert json.loads((tmp_path / "run.json").read_text())["machine"] == "2 cores"
    assert log.info() == INFO


def test_only_a_servers_model_is_asked_several_questions_at_once(tmp_path):
    served = Settings(llm=LlmSettings(provider="openai"))
    assert default_workers("nlq", Settings(llm=LlmSettings())) == 1
    assert default_workers("nlq", served) == 4
    assert default_workers("vanna", served) == 1
    with pytest.raises(SuiteError, match="one question at a time"):
        measure(Order(tmp_path, tmp_path / "out", "vanna", workers=2), served, _quiet)
