from __future__ import annotations

import csv
import threading
import time

import pytest
from nlq_ui.opening import OnProgress, Opening
from nlq_ui.session import Session
from scripted_assistant import ScriptedAssistant

from nlq.errors import LakeNotReady, NlqError, TooCostly
from nlq.types import Principal

EVE = Principal("eve", ("analyst",))


def opening_of(assistant: ScriptedAssistant) -> Opening:
    return Opening(lambda _progress: assistant)


def test_stages_are_shown_as_they_happen_and_then_the_answer() -> None:
    steps = list(Session().ask("revenue by quarter", opening_of(ScriptedAssistant()), EVE))
    assert "nlq-stages" in steps[0]
    assert any("Checking the SQL" in step for step in steps)
    assert "Revenue was" in steps[-1]
    assert "nlq-stages" not in steps[-1]


def test_the_next_question_carries_the_conversation_and_keeps_the_last_answer() -> None:
    assistant, session = ScriptedAssistant(), Session()
    opening = opening_of(assistant)
    list(session.ask("revenue by quarter", opening, EVE))
    list(session.ask("and by region?", opening, EVE))
    assert [turns for _, _, turns in assistant.asked] == [0, 1]
    assert len(session.past) == 1
    assert "Revenue was" in session.past[0]


def test_a_new_conversation_starts_empty() -> None:
    assistant, session = ScriptedAssistant(), Session()
    opening = opening_of(assistant)
    list(session.ask("revenue by quarter", opening, EVE))
    session.reset()
    list(session.ask("revenue by quarter", opening, EVE))
    assert [turns for _, _, turns in assistant.asked] == [0, 0]
    assert session.past == []


def test_cancel_stops_the_question_from_another_thread() -> None:
    session = Session()
    steps = session.ask("run forever", opening_of(ScriptedAssistant()), EVE)
    threading.Timer(0.2, session.cancel).start()
    started = time.monotonic()
    assert "Cancelled" in list(steps)[-1]
    assert time.monotonic() - started < 5
    assert not session.busy


def test_leaving_the_page_cancels_the_question() -> None:
    assistant, session = ScriptedAssistant(), Session()
    steps = session.ask("run forever", opening_of(assistant), EVE)
    next(steps)
    next(steps)
    token = session._token
    steps.close()
    assert token is not None
    assert token.cancelled


def test_sessions_share_nothing() -> None:
    opening = opening_of(ScriptedAssistant())
    mine, yours = Session(), Session()
    list(mine.ask("revenue by quarter", opening, EVE))
    assert yours.past == []
    assert yours.answer is None
    assert yours.current == ""


def test_while_the_assistant_opens_its_progress_is_shown() -> None:
    gate = threading.Event()

    def slow(progress: OnProgress) -> ScriptedAssistant:
        progress("Loading the model", 0.5)
        gate.wait(5)
        return ScriptedAssistant()

    seen = []
    for step in Session().ask("revenue by quarter", Opening(slow), EVE):
        seen.append(step)
        if "Loading the model" in step:
            gate.set()
    assert any("Loading the model" in step and "50%" in step for step in seen)
    assert "Revenue was" in seen[-1]


def test_an_opening_that_failed_is_told_and_tried_anew() -> None:
    tries = []

    def flaky(_progress: OnProgress) -> ScriptedAssistant:
        tries.append(1)
        if len(tries) == 1:
            raise LakeNotReady("The lake is missing.", hint="Run: nlq lake make")
        return ScriptedAssistant()

    opening, session = Opening(flaky), Session()
    assert "The lake is missing." in list(session.ask("revenue by quarter", opening, EVE))[-1]
    assert "Revenue was" in list(session.ask("revenue by quarter", opening, EVE))[-1]


def test_an_unforeseen_error_is_a_plain_sentence_without_its_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    last = list(Session().ask("a broken one", opening_of(ScriptedAssistant()), EVE))[-1]
    assert "Something inside nlq went wrong" in last
    assert "secret detail" not in last
    assert "secret detail" in caplog.text


def test_a_download_has_every_row_also_those_that_were_cut_off() -> None:
    session, assistant = Session(), ScriptedAssistant()
    list(session.ask("messages by account", opening_of(assistant), EVE))
    path, count = session.export("csv", assistant, EVE)
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    assert count == 1300
    assert len(rows) == 1301
    assert rows[0] == ["account", "messages", "note"]
    assert rows[4] == ["account 0003", "51", "'=1+1"]
    assert rows[-1] == ["late", "99", "ok"]


def test_a_costly_file_needs_a_confirmation() -> None:
    session, assistant = Session(), ScriptedAssistant()
    list(session.ask("messages of every account", opening_of(assistant), EVE))
    with pytest.raises(TooCostly):
        session.export("csv", assistant, EVE)
    assert session.export("csv", assistant, EVE, confirmed=True)[1] == 1300


def test_what_is_whole_is_not_asked_for_again() -> None:
    session, assistant = Session(), ScriptedAssistant()
    list(session.ask("revenue by region", opening_of(assistant), EVE))
    assert session.export("xlsx", assistant, EVE)[1] == 5
    with pytest.raises(NlqError, match="no result"):
        Session().export("csv", assistant, EVE)
