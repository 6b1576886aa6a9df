from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from nlq_ui.html import (
    SHOWN_ROWS,
    answer_html,
    chips_html,
    offers_html,
    question_html,
    stages_html,
    table_html,
)
from nlq_ui.stages import StageLine
from scripted_assistant import BASE, ScriptedAssistant, many, quarters

from nlq.types import Answer, Definition, Finished, Principal, QueryResult, ResultColumn

EVIL = "<img src=x onerror=alert(1)>&\"'"


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def scripted(question: str) -> Answer:
    events = list(ScriptedAssistant().stream(question, principal=Principal("eve")))
    assert isinstance(events[-1], Finished)
    return events[-1].answer


def test_every_kind_of_answer_is_whole_html_with_its_headline() -> None:
    for question in ("quarters", "regions", "sales", "salary", "accounts"):
        answer = scripted(question)
        html = answer_html(answer)
        assert Tags(html).open == []
        assert f"<h2>{answer.headline}</h2>" in html


def test_nothing_from_outside_becomes_html() -> None:
    evil = replace(
        BASE,
        id=EVIL,
        headline=EVIL,
        hint=EVIL,
        sql=EVIL,
        how=(EVIL,),
        warnings=(EVIL,),
        assumptions=(EVIL,),
        definitions=(Definition(EVIL, EVIL, EVIL),),
        result=QueryResult((ResultColumn(EVIL, "varchar"),), ((EVIL,),)),
    )
    html = answer_html(evil) + question_html(EVIL, 1) + stages_html([StageLine(EVIL)])
    assert "img" not in Tags(html).seen
    assert html.count("&lt;img") >= 11


def test_numbers_are_written_in_their_unit_and_to_the_right() -> None:
    html = table_html(quarters(), {"revenue": "usd"}, {"quarter": "Quarter"})
    assert '<td class="r">$3,400,000.25</td>' in html
    assert '<th scope="col">Quarter</th>' in html


def test_a_long_table_says_what_it_leaves_out_and_that_it_was_cut() -> None:
    html = table_html(many(), {}, {})
    assert html.count("<tr>") == SHOWN_ROWS + 1
    assert "The first 50 of 1,200 rows" in html
    assert "cut off at 1,200 rows" in html


def test_a_table_that_is_late_or_fails_a_check_is_marked() -> None:
    html = answer_html(BASE)
    assert "31 h late" in html
    assert "check failing" in html
    assert "in time" in html


def test_an_answer_offers_what_can_be_done_with_it() -> None:
    assert 'data-offers="rate rows pin"' in offers_html(scripted("quarters"), pins=True)
    assert 'data-offers="rate rows"' in offers_html(scripted("quarters"), pins=False)
    assert 'data-offers="rate"' in offers_html(scripted("salary"), pins=True)
    asked_back = offers_html(scripted("sales"), pins=True)
    assert "Other readings" not in asked_back
    doubted = replace(scripted("quarters"), options=("Keep rows.",), readings=("SELECT 1",))
    assert "Other readings" in offers_html(doubted, pins=True)
    assert Tags(asked_back).seen.count("button") == len(scripted("sales").options) > 0
    assert "nlq-confirm" not in asked_back
    costly = replace(BASE, kind="refusal", may_confirm=True)
    assert 'id="nlq-confirm"' in offers_html(costly, pins=True)


def test_the_text_of_a_button_is_no_html() -> None:
    assert "<b>" not in chips_html("nlq-options", ("<b>all</b>",))
    assert chips_html("nlq-options", ()) == ""
