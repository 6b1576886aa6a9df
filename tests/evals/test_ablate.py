"""Ablation: which techniques there are, what is run for each, and the table of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from nlq_evals.ablate import ablate, switched, table, techniques
from nlq_evals.log import RunInfo
from nlq_evals.measure import Measured, Order
from nlq_evals.outcome import Outcome
from nlq_evals.suite import SuiteError
from pydantic import BaseModel


class Drafting(BaseModel):
    examples: bool = True
    values: bool = True
    vote: bool = False
    tries: int = 1


class FakeSettings(BaseModel):
    drafting: Drafting = Drafting()


class Runs:
    """Stands for ``measure``: keeps orders; a run is worse by the techniques that are off."""

    def __init__(self) -> None:
        self.orders: list[tuple[Order, Drafting]] = []

    def __call__(self, order: Order, settings: FakeSettings, on_outcome: object) -> Measured:
        self.orders.append((order, settings.drafting))
        missed = 20 * (not settings.drafting.examples)
        outcomes = tuple(
            Outcome(
                f"c{n}", "f", "metric", "answer", "?", "answer", n >= missed, "",
                seconds=1.0, saved=2.0, tokens_read=100, tokens_written=10, model_calls=1,
            )
            for n in range(40)
        )  # fmt: skip
        info = RunInfo("tiny", "a model", "2 cores", "2026-07-15", order.called or order.system)
        return Measured(info, outcomes)


ORDER = Order(Path("tiny.yaml"), Path("out"))


def test_techniques_are_the_sections_booleans() -> None:
    assert techniques(FakeSettings()) == {"examples": True, "values": True, "vote": False}
    assert techniques(object()) == {}


def test_switching_one_leaves_the_others_and_the_original() -> None:
    settings = FakeSettings()
    changed = switched(settings, "vote", on=True)
    assert changed.drafting == Drafting(vote=True)
    assert settings.drafting == Drafting()


def test_each_is_switched_over_alone_with_a_shared_recorder() -> None:
    runs = Runs()
    ablate(ORDER, FakeSettings(), (), None, runs)
    assert [drafting for _, drafting in runs.orders] == [
        Drafting(),
        Drafting(examples=False),
        Drafting(values=False),
        Drafting(vote=True),
    ]
    assert [order.out for order, _ in runs.orders] == [
        Path("out/full"),
        Path("out/without-examples"),
        Path("out/without-values"),
        Path("out/with-vote"),
    ]
    assert {order.replies for order, _ in runs.orders} == {Path("out/replies")}
    assert {order.lakes for order, _ in runs.orders} == {Path("lakes")}
    assert [order.called for order, _ in runs.orders][1] == "nlq without examples"


def test_only_the_named_are_switched_and_unknown_ones_refused() -> None:
    runs = Runs()
    ablate(ORDER, FakeSettings(), ("vote",), None, runs)
    assert len(runs.orders) == 2
    with pytest.raises(SuiteError, match="no technique magic; use examples, values, vote"):
        ablate(ORDER, FakeSettings(), ("magic",), None, runs)


def test_the_table_has_the_paired_change_and_what_it_cost() -> None:
    full, variants = ablate(ORDER, FakeSettings(), ("examples", "values"), None, Runs())
    lines = list(table(full, variants))
    assert lines[2].startswith("| as set | 40/40 = 100.0% |")
    assert lines[3].startswith("| without examples | 20/40 = 50.0% | -50.0% (")
    assert "| 0.00 | 0 | 20 | 40 | 100 | 10 | 3.0 | 3.0 |" in lines[3]
    assert "| +0.0% (+0% to +0%) | 1.00 | 0 | 0 |" in lines[4]
