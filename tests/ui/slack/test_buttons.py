"""Buttons under answers that have everything, the chart, and feedback: a scripted assistant."""

from __future__ import annotations

import csv

import pytest
from scripted_assistant import ScriptedAssistant
from slack_bot import Bot
from slack_server import Message, SlackServer, texts, wait_for


@pytest.fixture
def answer(showing: Bot) -> Message:
    showing.mention("UANN", "CSALES", "revenue by region?")
    return showing.answered("CSALES")


def test_an_answer_is_headline_table_chart_and_dates_and_has_its_buttons(
    showing: Bot, slack: SlackServer, scripted: ScriptedAssistant, answer: Message
) -> None:
    kinds = [block["type"] for block in answer.blocks]
    assert kinds == ["rich_text", "rich_text", "table", *["context"] * 2, *["actions"] * 2]
    assert next(texts(answer.blocks)).startswith("North America had the highest revenue")
    table = answer.blocks[2]
    assert [setting["align"] for setting in table["column_settings"]] == ["left", "right", "right"]
    assert [cell["text"] for cell in table["rows"][1]] == [
        "North America",
        "$2,900,000",
        "$2,500,000",
    ]
    assert "Data through 27 Jun 2026" in answer.words
    assert "Data through 27 Jun 2026" in answer.text
    assert "31 hours late" in answer.words
    picture = wait_for(lambda: slack.files)[0]
    assert (picture.channel, picture.thread_ts) == ("CSALES", answer.thread_ts)
    assert picture.content.startswith(b"\x89PNG")
    assert "Data through 27 Jun 2026" in picture.title
    for label in ("How computed", "Show SQL", "Full result", "👍", "👎", "And by region?"):
        assert label in answer.buttons()

    showing.press("UBEN", answer, "How computed")
    how = showing.told("Adds up amount_cents")
    assert "Recognised revenue in US dollars" in how.words
    assert "Data through 27 Jun 2026" in how.words
    showing.press("UBEN", answer, "Show SQL")
    showing.told("SELECT")
    showing.press("UANN", answer, "👍")
    showing.told("Thank you.")
    assert scripted.ratings == [("q1", "up", "")]
    showing.press("UANN", answer, "👎")
    form = wait_for(lambda: slack.views)[0]
    showing.submit("UANN", form, "Europe is missing")
    showing.told("the note is kept")
    assert scripted.ratings[1:] == [("q1", "down", ""), ("q1", "down", "Europe is missing")]


def test_the_full_result_is_a_csv_without_formulas(showing: Bot, slack: SlackServer) -> None:
    showing.say("UANN", "DUANN", "messages by account")
    answer = showing.answered("DUANN")
    assert "The first 10 of 1,200 rows." in answer.words
    assert "cut off at 1,200 rows" in answer.words
    showing.press("UANN", answer, "Full result")
    file = wait_for(lambda: slack.files)[0]
    rows = list(csv.reader(file.content.decode("utf-8-sig").splitlines()))
    assert len(rows) == 1301
    assert rows[4] == ["account 0003", "51", "'=1+1"]
    assert "messages by account" in file.comment
    assert file.channel == "DUANN"


def test_errors_and_refusals_are_plain_sentences(showing: Bot, slack: SlackServer) -> None:
    showing.say("UANN", "DUANN", "a broken one")
    broken = showing.answered("DUANN")
    assert "Something inside nlq went wrong" in broken.words
    assert "secret detail" not in broken.words
    showing.say("UANN", "DUANN", "salary of Bob")
    refused = showing.answered("DUANN", 2)
    assert "not open to your role" in refused.words
    assert "Ask the owner" in refused.words
    slack.refuse("files.getUploadURLExternal", "missing_scope")
    showing.say("UANN", "DUANN", "revenue")
    assert "Revenue was" in showing.answered("DUANN", 3).words


def test_a_button_of_a_forgotten_answer_says_so(showing: Bot, answer: Message) -> None:
    for block in answer.blocks:
        for element in block.get("elements", []):
            if element.get("action_id") == "nlq_sql":
                element["value"] = "gone"
    showing.press("UANN", answer, "Show SQL")
    showing.told("no longer kept")
