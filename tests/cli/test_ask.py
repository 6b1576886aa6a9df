from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import nlq
from scripted_assistant import ScriptedAssistant

from nlq.types import Principal


def test_a_pipe_gets_headline_table_and_notes_without_colour(assistant: ScriptedAssistant) -> None:
    ran = nlq("ask", "revenue", "by", "quarter")
    assert ran.status == 0
    assert ran.err == ""
    lines = ran.out.splitlines()
    assert lines[0] == "Revenue was $6,370,000 in Q2 2026, up 24.1% on the same quarter last year."
    assert any(line.split() == ["Q1", "2024", "$3,400,000.25"] for line in lines)
    assert "· Quarters are calendar quarters." in lines
    assert "\x1b" not in ran.out
    assert assistant.closed


def test_the_explanation_comes_only_when_asked_for(assistant: ScriptedAssistant) -> None:
    assert "GROUP BY" not in nlq("ask", "revenue by quarter").out
    explained = nlq("ask", "--explain", "revenue by quarter").out
    for part in ("How this was computed", "GROUP BY", "31 hours late", "owner: Finance"):
        assert part in explained


def test_json_has_the_answer_whole(assistant: ScriptedAssistant) -> None:
    ran = nlq("ask", "--json", "revenue by quarter")
    answer = json.loads(ran.out)
    assert answer["kind"] == "answer"
    assert answer["result"]["columns"][1] == {"name": "revenue", "type": "decimal(18,2)"}
    assert answer["result"]["rows"][0] == ["2024-01-01", "3400000.25"]


def test_what_is_costly_runs_once_it_is_confirmed(assistant: ScriptedAssistant) -> None:
    asked = nlq("ask", "count every message")
    assert asked.status == 11
    assert "2.3 TB" in asked.out
    assert "ask it with --confirm" in asked.out
    assert nlq("ask", "--confirm", "count every message").status == 0


@pytest.mark.parametrize(
    ("question", "status", "told"),
    [
        ("what were sales?", 10, "1. Recognised revenue from sales by quarter"),
        ("which salary has Ann?", 11, "Ask the owner, People Operations, for access."),
        ("a broken one", 1, ""),
    ],
)
def test_the_status_tells_what_came_of_it(
    assistant: ScriptedAssistant, question: str, status: int, told: str
) -> None:
    ran = nlq("ask", question)
    assert ran.status == status
    assert told in ran.out


def test_who_asks_can_be_said_and_gets_no_roles_but_their_own(assistant: ScriptedAssistant) -> None:
    nlq("ask", "revenue")
    nlq("ask", "--as", "zoe", "revenue")
    nlq("ask", "--as", "zoe", "--role", "finance", "--role", "support", "revenue")
    assert [principal for _, principal, _ in assistant.asked] == [
        Principal("analyst", ("analyst",)),
        Principal("zoe"),
        Principal("zoe", ("finance", "support")),
    ]


def test_a_conversation_goes_on_for_the_same_person_only(assistant: ScriptedAssistant) -> None:
    nlq("ask", "revenue by quarter")
    nlq("ask", "--continue", "and by region?")
    nlq("ask", "--continue", "--as", "zoe", "and by region?")
    nlq("ask", "revenue by quarter")
    assert [turns for _, _, turns in assistant.asked] == [0, 1, 0, 0]


def test_a_conversation_file_that_cannot_be_read_is_no_obstacle(
    assistant: ScriptedAssistant, home: Path
) -> None:
    home.mkdir()
    (home / "conversation.json").write_text("{broken")
    assert nlq("ask", "--continue", "revenue").status == 0


def test_a_draft_shows_its_sql(assistant: ScriptedAssistant) -> None:
    ran = nlq("draft", "revenue by quarter")
    assert ran.status == 0
    assert "GROUP BY" in ran.out


def test_an_unforeseen_error_is_one_line_and_a_hint(
    assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = nlq("ask", "a broken one")
    assert ran.err.startswith("nlq: Something inside nlq went wrong: ZeroDivisionError")
    assert "Traceback" not in ran.err
    assert len(ran.err.splitlines()) == 2
    monkeypatch.setenv("NLQ_DEBUG", "1")
    assert "Traceback" in nlq("ask", "a broken one").err


SLOW = """
import sys, time
sys.argv = ["nlq", "ask", "how long?"]
import nlq.assemble
def open_assistant(settings, on_progress):
    print("opened", file=sys.stderr, flush=True)
    time.sleep(60)
nlq.assemble.open_assistant = open_assistant
from nlq.cli.app import main
main()
"""


def test_ctrl_c_ends_within_a_second_whatever_is_being_waited_for() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW], stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "opened\n"
    time.sleep(0.2)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert time.monotonic() - started < 2  # one second, and what a busy machine adds
    assert process.returncode == 130
    assert said.strip() == "Cancelled."
