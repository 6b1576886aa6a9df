"""Token counts, without the network."""

from __future__ import annotations

import socket

import pytest

from nlq.llm.tokens import TiktokenCounter, fit, token_counter


@pytest.fixture
def offline(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_counts_without_the_network(offline):
    counter = TiktokenCounter()
    assert counter.count("") == 0
    assert counter.count("SELECT 1") == 3
    assert counter.count("hello world") == 2


def test_names_of_special_tokens_are_plain_text():
    assert token_counter().count("<|endoftext|>") > 1


def test_leading_texts_fit_the_budget():
    class Words:
        def count(self, text: str) -> int:
            return len(text.split())

    texts = ("a b", "c", "d e f", "g")
    assert fit(texts, 6, Words()) == texts[:3]
    assert fit(texts, 5, Words()) == texts[:2]
    assert fit(texts, 1, Words()) == ()
    assert fit(texts, 99, Words()) == texts
