"""A dozen people at once through a real ``nlq serve``, by the API and by the page."""

from __future__ import annotations

import asyncio

import pytest
from bench_people import PageQueue, ask_api, crowd, home_of, ready, scripted_model, serving

PEOPLE = 12
MOST = 8.0
"""Times one person's wait; generous, since other tests may be using the processor."""


@pytest.mark.slow
def test_many_at_once_get_their_own_answers_by_their_own_rights() -> None:
    with (
        home_of(None) as home,
        scripted_model() as (model, address),
        serving(home, address) as served,
    ):
        ready(served)
        model.seconds = 1.0
        for ask in (ask_api, PageQueue(served.address).ask):
            assert asyncio.run(crowd(served, ask, PEOPLE, 1, alone_first=2, most=MOST))
        assert model.asked == 2 * (PEOPLE + 2)
