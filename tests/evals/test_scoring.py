"""From solver to outcome: kinds, references, faults, figures."""

from datetime import date

import pytest
from nlq_evals.assistant import Calls
from nlq_evals.outcome import Outcome, score
from nlq_evals.references import faults
from nlq_evals.scorers import accuracy, cost, decisions, replay, stability, validity
from nlq_evals.scorers.digest import digest
from nlq_evals.solver import solve
from nlq_evals.suite import Reference


def outcome(name, expect="answer", kind="answer", right=True, **more):
    category = {"answer": "metric", "refuse": "forbidden", "clarify": "ambiguous"}.get(
        expect, "idk"
    )
    return Outcome(
        **{
            "id": name,
            "fingerprint": "f",
            "category": category,
            "expect": expect,
            "question": name,
            "kind": kind,
            "right": right,
            "reason": "",
            **more,
        }
    )


def test_earlier_turns_are_asked_first_and_handed_on(assistant, answer, case, result):
    found = result("x", rows=[(1,)])
    assistant.answers = {q: answer(q, found=found) for q in ("first", "second", "third")}
    solved = solve(assistant, case(question="third", before=("first", "second"), roles=("cfo",)))
    assert assistant.asked == [
        ("first", (), ("cfo",)),
        ("second", ("first",), ("cfo",)),
        ("third", ("first", "second"), ("cfo",)),
    ]
    assert solved.answer is not None
    assert solved.answer.question == "third"


def test_any_reference_may_match(assistant, answer, case, result):
    one = case(references=(Reference("SELECT long"), Reference("SELECT wide")))
    assistant.results = {
        "SELECT long": result("x", rows=[(1,), (2,)]),
        "SELECT wide": result("x", "y", rows=[(1, 2)]),
    }
    assistant.answers = {one.question: answer(one.question, found=result("a", "b", rows=[(2, 1)]))}
    judged = score(assistant, solve(assistant, one))
    assert judged.right
    assert (judged.rows, judged.source, judged.tokens_read) == (1, "model", 100)


def test_a_wrong_number_is_a_miss_with_the_first_references_reason(assistant, answer, case, result):
    one = case()
    assistant.results = {"SELECT ref": result("total", rows=[(1,)])}
    assistant.answers = {one.question: answer(one.question, found=result("total", rows=[(2,)]))}
    judged = score(assistant, solve(assistant, one))
    assert not judged.right
    assert judged.reason == "no predicted column has the values of total"


@pytest.mark.parametrize(
    ("expect", "kind", "options", "right"),
    [
        ("refuse", "refusal", (), True),
        ("refuse", "clarification", ("a", "b"), False),
        ("decline", "refusal", (), True),
        ("decline", "clarification", ("a",), True),
        ("decline", "answer", (), False),
        ("refuse", "answer", (), False),
        ("refuse", "error", (), False),
        ("clarify", "clarification", ("a", "b"), True),
        ("clarify", "clarification", ("a",), False),
        ("clarify", "refusal", (), False),
        ("answer", "refusal", (), False),
        ("answer", "clarification", ("a", "b"), False),
    ],
)
def test_decisions_are_judged_by_kind(
    assistant, answer, case, result, expect, kind, options, right
):
    one = case(expect=expect)
    found = result("x", rows=[(1,)]) if kind == "answer" else None
    assistant.answers = {one.question: answer(one.question, kind, found, options)}
    assert score(assistant, solve(assistant, one)).right is right


def test_an_assistant_that_breaks_is_a_miss_and_not_the_end(assistant, case):
    judged = score(assistant, solve(assistant, case()))
    assert (judged.kind, judged.right) == ("crash", False)
    assert "RuntimeError: no answer to question one" in judged.reason


def test_a_reference_that_does_not_run_is_the_suites_fault(assistant, answer, case, result):
    one = case()
    assistant.answers = {one.question: answer(one.question, found=result("x", rows=[(1,)]))}
    judged = score(assistant, solve(assistant, one))
    assert not judged.right
    assert judged.suite_fault == "reference 1 of one does not run: no such table in SELECT ref"


def test_a_reference_that_is_cut_off_is_the_suites_fault(assistant, answer, case, result):
    one = case()
    cut = result("x", rows=[(1,)], truncated=True)
    assistant.answers = {one.question: answer(one.question, found=result("x", rows=[(1,)]))}
    assistant.results = {"SELECT ref": cut}
    assert "cut off" in score(assistant, solve(assistant, one)).suite_fault


def test_checking_references_finds_the_empty_the_broken_and_the_cut(assistant, case, result):
    assistant.results = {
        "good": result("x", rows=[(date(2026, 1, 1),)]),
        "empty": result("x", rows=[]),
        "nulls": result("x", rows=[(None,)]),
        "cut": result("x", rows=[(1,)], truncated=True),
    }
    cases = [case(sql, references=(Reference(sql),)) for sql in ("good", "empty", "nulls", "cut")]
    cases += [
        case("allowed", references=(Reference("empty"),), may_be_empty=True),
        case("broken", references=(Reference("nosuch"),)),
        case("rule", references=(Reference("good", any_of=("y",)),)),
    ]
    assert list(faults(assistant, cases)) == [
        "empty, reference 1: gives nothing",
        "nulls, reference 1: gives nothing",
        "cut, reference 1: cut off at 1 rows",
        "broken, reference 1: no such table in nosuch",
        "rule, reference 1: the reference has no column y; it has x",
    ]


def test_precision_and_recall_of_decisions():
    outcomes = [
        outcome("a", "refuse", "refusal"),
        outcome("b", "refuse", "answer", False),
        outcome("c", "answer", "refusal", False),
        outcome("d", "clarify", "clarification"),
        outcome("e", "clarify", "answer", False),
        outcome("f"),
        outcome("g", "decline", "refusal"),
        outcome("h", "decline", "clarification"),
    ]
    refused = decisions.refusals(outcomes)
    assert (refused.made, refused.wanted, refused.both) == (4, 4, 3)
    asked = decisions.clarifications(outcomes)
    assert (asked.precision, asked.recall) == (1.0, 0.5)
    assert [o.id for o in decisions.leaks(outcomes)] == ["b"]
    assert [o.id for o in decisions.guesses(outcomes)] == ["e"]
    none = decisions.clarifications([outcome("f")])
    assert (none.precision, none.recall) == (None, None)


def test_accuracy_and_its_interval():
    outcomes = [outcome(str(n), right=n < 15) for n in range(20)]
    outcomes.append(outcome("no", "refuse", "answer", False))
    found = accuracy.execution_accuracy(outcomes)
    assert (found.right, found.total, found.value) == (15, 20, 0.75)
    low, high = found.interval
    assert 0.5 <= low < 0.6
    assert 0.9 <= high <= 0.95
    assert accuracy.overall(outcomes).total == 21
    assert accuracy.by_category(outcomes)["forbidden"].value == 0
    assert accuracy.share([]).value is None
    assert accuracy.share([True] * 5).interval == (1.0, 1.0)


def test_wordings_are_stable_when_they_come_to_the_same_end():
    outcomes = [
        outcome("right", group="right", digest="a"),
        outcome("right-p1", group="right", digest="wider"),
        outcome("split", group="split"),
        outcome("split-p1", group="split", right=False, digest="b"),
        outcome("wrong", group="wrong", right=False, digest="c"),
        outcome("wrong-p1", group="wrong", right=False, digest="c"),
        outcome("unlike", group="unlike", right=False, digest="d"),
        outcome("unlike-p1", group="unlike", right=False, digest="e"),
        outcome("refused", group="refused", kind="refusal", right=False),
        outcome("refused-p1", group="refused", kind="refusal", right=False),
        outcome("mixed", group="mixed", kind="refusal", right=False),
        outcome("mixed-p1", group="mixed", kind="clarification", right=False),
        outcome("unknown", group="unknown", right=False),
        outcome("unknown-p1", group="unknown", right=False),
        outcome("alone", group="alone"),
        outcome("single"),
    ]
    ends = {name: stability.agree(found) for name, found in stability.groups(outcomes).items()}
    assert ends == {
        "right": True,
        "split": False,
        "wrong": True,
        "unlike": False,
        "refused": True,
        "mixed": False,
        "unknown": False,
    }
    right, agreed = stability.all_right(outcomes), stability.all_agree(outcomes)
    assert (right.right, right.total) == (1, 7)
    assert (agreed.right, agreed.total) == (3, 7)
    assert agreed.interval[0] < 3 / 7 < agreed.interval[1]
    assert stability.all_right([outcome("single")]).value is None


def test_the_first_wording_of_an_old_log_joins_its_group():
    found = stability.groups([outcome("old"), outcome("old-p1", group="old")])
    assert [o.id for o in found["old"]] == ["old", "old-p1"]


def test_a_digest_is_of_what_a_result_says(result):
    one = result("x", "y", rows=[("a", 1), ("b", 2.0)])
    assert digest(one) == digest(result("n", "m", rows=[(2, "b"), (1.00000000001, "a")]))
    assert digest(one) != digest(result("x", "y", rows=[("a", 2), ("b", 1)]))
    assert digest(one) != digest(result("x", rows=[("a",), ("b",)]))
    assert digest(result("x", rows=[(1,)])) != digest(result("x", rows=[(1,), (1,)]))


def test_an_outcome_keeps_its_group_and_digest_and_reads_old_lines(assistant, answer, case, result):
    one = case(group="one")
    assistant.results = {"SELECT ref": result("x", rows=[(1,)])}
    assistant.answers = {one.question: answer(one.question, found=result("y", rows=[(1,)]))}
    judged = score(assistant, solve(assistant, one))
    assert (judged.group, judged.digest) == ("one", digest(result("z", rows=[(1,)])))
    line = judged.to_json()
    assert Outcome.from_json(line) == judged
    del line["group"], line["digest"]
    assert (Outcome.from_json(line).group, Outcome.from_json(line).digest) == ("", "")


def test_valid_sql_and_sources():
    outcomes = [
        outcome("a", source="metric"),
        outcome("b", source="model", repairs=1, right=False),
        outcome("c", kind="error", right=False),
        outcome("d", "refuse", "answer", False, source="model"),
    ]
    assert (validity.ran(outcomes).right, validity.ran(outcomes).total) == (2, 3)
    assert validity.ran_at_once(outcomes).right == 1
    assert {k: v.value for k, v in validity.by_source(outcomes).items()} == {
        "metric": 1.0,
        "model": 0.0,
    }


def test_accuracy_by_how_sure_the_model_was():
    outcomes = [
        outcome("a", confidence="sure"),
        outcome("b", confidence="alone", right=False),
        outcome("c", confidence="alone"),
        outcome("d", source="metric"),
    ]
    shares = validity.by_confidence(outcomes)
    assert {k: (v.right, v.total) for k, v in shares.items()} == {"sure": (1, 1), "alone": (1, 2)}


def test_time_by_stage_adds_up_repeats_and_leaves_out_the_model_and_the_engine():
    outcomes = [
        outcome("a", timings=(("retrieve", 0.1), ("draft", 2.0), ("draft", 1.0), ("run", 0.5))),
        outcome("b", timings=(("retrieve", 0.3), ("explain", 0.1)), seconds=0.5),
        outcome("c", kind="crash"),
    ]
    stages = cost.seconds_by_stage(outcomes)
    assert stages["draft"].median == 3.0
    assert stages["retrieve"].median == pytest.approx(0.2)
    assert cost.seconds_of_our_own(outcomes).median == pytest.approx(0.25)
    assert cost.seconds_in_all(outcomes).count == 3


def test_tokens_count_only_where_the_model_was_asked():
    outcomes = [
        outcome("a", tokens_read=900, tokens_written=60, model_calls=1),
        outcome("b"),
    ]
    assert cost.tokens(outcomes)["read"].median == 900
    assert cost.tokens([outcome("b")]) == {}


def test_replayed_calls_of_the_cases_own_question_are_counted(assistant, answer, case):
    class Recording(type(assistant)):
        calls = Calls()

        def ask(self, text, **more):
            self.calls += Calls(2, 1, 4.0, 3.0)
            return super().ask(text, **more)

    one = case(before=("first",))
    asked = Recording({q: answer(q, "refusal") for q in ("first", one.question)})
    judged = score(asked, solve(asked, one))
    assert (judged.replayed, judged.model_seconds) == (1, 4.0)
    assert replay.told([judged]) == "1 of 1 calls"
    assert cost.model_seconds([judged, outcome("a")]).count == 1
    assert cost.seconds_by_stage([judged])["draft"].median == 6.0
    assert cost.seconds_in_all([judged]).median == pytest.approx(judged.seconds + 3.0)
    plain = score(assistant, solve(assistant, one))
    assert replay.told([plain]) == ""
