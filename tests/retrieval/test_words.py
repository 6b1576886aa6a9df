from __future__ import annotations

import pytest

from nlq.retrieval.words import PhraseBook, search_terms, singular


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("accounts", "account"),
        ("countries", "country"),
        ("boxes", "box"),
        ("statuses", "status"),
        ("business", "business"),
        ("sms", "sms"),
        ("customer's", "customer"),
        ("analysis", "analysis"),
    ],
)
def test_singular(word: str, expected: str) -> None:
    assert singular(word) == expected


def test_search_counts_stems_and_leaves_stop_words_out() -> None:
    assert search_terms("How were the deliveries of msgDaily?") == ["deliveri", "msg", "daili"]


def test_a_book_finds_the_longest_phrase_once() -> None:
    book = PhraseBook([("revenue", 1), ("net revenue", 2), ("revenue retention", 3)])
    found = book.find("Net revenues and revenue")
    assert [(m.phrase, m.payloads) for m in found] == [("Net revenues", (2,)), ("revenue", (1,))]
    assert [(m.start, m.end) for m in found] == [(0, 12), (17, 24)]


def test_a_book_keeps_all_that_one_phrase_means() -> None:
    book = PhraseBook([("region", 1), ("Regions", 2), ("region", 1)])
    assert book.find("by region")[0].payloads == (1, 2)


def test_a_book_finds_whole_words_only() -> None:
    assert PhraseBook([("art", 1)]).find("a cart of parts") == ()


def test_a_book_takes_respelled_words() -> None:
    match = PhraseBook([("germany", 1)]).find("in Germny", {"germny": "germany"})[0]
    assert (match.phrase, match.respelled) == ("Germny", True)


def test_names_in_camel_case_are_found_as_one_word() -> None:
    assert PhraseBook([("WhatsApp", 1)]).find("whatsapp messages")


def test_a_compound_noun_is_not_cut_in_two() -> None:
    entries = ["revenue", "revenue per customer", "customer segment", "segment"]
    book = PhraseBook([(phrase, phrase) for phrase in entries])
    assert [m.phrase for m in book.find("revenue per customer segment")] == [
        "revenue",
        "customer segment",
    ]
    assert [m.phrase for m in book.find("revenue per customer")] == ["revenue per customer"]
