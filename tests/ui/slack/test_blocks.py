"""Messages within Slack's limits, whatever the lake or a person wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from nlq_ui.slack.message import (
    answer_message,
    asked_head,
    dated,
    given_of,
    how_message,
    plain_message,
    sql_message,
)
from scripted_assistant import BASE, quarters
from slack_server import check_message, texts

from nlq.types import Answer, Principal, QueryResult, ResultColumn

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
LONG = "long words " * 3000
WIDE = QueryResult(
    tuple(ResultColumn(f"column_{i}", "varchar") for i in range(40)),
    tuple(tuple(f"{LONG}{i}" for i in range(40)) for _ in range(100)),
)
EMPTY = QueryResult((ResultColumn("a", "varchar"),), ())
BLANK = QueryResult((ResultColumn("a", "varchar"), ResultColumn("", "varchar")), (("", None),))


def sent(answer: Answer) -> dict[str, object]:
    message = answer_message(answer, 10, dated(answer, NOW))
    return {"text": message.text, "blocks": message.blocks}


@pytest.mark.parametrize("result", [quarters(), WIDE, EMPTY, BLANK, None])
@pytest.mark.parametrize("kind", ["answer", "clarification", "refusal", "error", "cancelled"])
def test_any_answer_fits(result: QueryResult | None, kind: str) -> None:
    answer = replace(
        BASE, id="a", kind=kind, headline=LONG, hint=LONG, warnings=(LONG,) * 30, result=result,
        assumptions=(LONG,) * 30, options=(LONG,) * 30, suggestions=(LONG,) * 30,
        tables=BASE.tables * 30, may_confirm=True,
    )  # fmt: skip
    check_message(sent(answer))


def test_how_it_was_computed_and_the_sql_fit() -> None:
    answer = replace(BASE, how=(LONG,) * 100, tables=BASE.tables * 30, sql=LONG)
    given = given_of(answer, Principal("ann"), "UANN", LONG, NOW)
    for message in (
        how_message(given.sections, given.dated),
        sql_message(given.sql),
        plain_message(LONG, LONG),
    ):
        check_message({"text": message.text, "blocks": message.blocks})
    check_message({"text": "x", "blocks": asked_head("UANN", LONG, "C1")})


def test_nothing_is_read_as_markup() -> None:
    evil = "<!channel> *bold* <https://evil.example|click> & :tada:"
    answer = replace(BASE, id="a", headline=evil, hint=evil, warnings=(evil,))
    message = answer_message(answer, 10, dated(answer, NOW))
    assert "<" not in message.text
    assert list(texts(message.blocks)).count(evil) == 3
    assert '"mrkdwn"' not in repr(message.blocks).replace("'", '"')
    assert all(part.get("emoji") is False for part in plain_texts(message.blocks))


def plain_texts(part: object) -> list[dict[str, object]]:
    if isinstance(part, list):
        return [found for each in part for found in plain_texts(each)]
    if isinstance(part, dict):
        mine = [part] if part.get("type") == "plain_text" else []
        return mine + [found for each in part.values() for found in plain_texts(each)]
    return []


def test_an_answer_says_of_when_its_data_is() -> None:
    assert dated(BASE, NOW)[0] == "Data through 27 Jun 2026; asked 1 Jul 2026 12:00 UTC."
    kept = replace(quarters(), computed_at=datetime(2026, 7, 1, 11, 30, tzinfo=UTC))
    assert "computed 1 Jul 2026 11:30 UTC" in dated(replace(BASE, result=kept), NOW)[0]
    unknown = replace(BASE, tables=())
    assert dated(unknown, NOW) == ("Asked 1 Jul 2026 12:00 UTC.",)
    assert "Asked 1 Jul 2026" in str(sent(unknown)["text"])
