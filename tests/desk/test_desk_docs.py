"""The examples of docs/desk.md are run as they stand."""

from __future__ import annotations

import doctest
from pathlib import Path

from nlq.desk.optimise import REWRITES

PAGE = Path(__file__).parents[2] / "docs/desk.md"


def test_the_examples_give_what_the_page_says(desk, ana, drafter):
    drafter.drafts.clear()
    text = "\n".join(
        block.split("```")[0] for block in PAGE.read_text("utf-8").split("```python\n")[1:]
    )
    test = doctest.DocTestParser().get_doctest(text, {"desk": desk, "ana": ana}, PAGE.name, None, 0)
    assert len(test.examples) > 10
    told: list[str] = []
    outcome = doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    assert outcome.failed == 0, "".join(told)


def test_every_rewrite_is_documented():
    page = PAGE.read_text("utf-8")
    assert [each.name for each in REWRITES if f"| {each.name} |" not in page] == []
