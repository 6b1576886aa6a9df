import pytest
from nlq_ui.api.kept_answers import REMEMBERED, KeptAnswers
from nlq_ui.api.problems import Problem

from nlq.types import Answer, Principal, QueryResult

ANN, BOB = Principal("ann"), Principal("bob")


class Hand:
    """A clock that is set by hand, seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def answer(id: str, size_bytes: int = 10) -> Answer:
    return Answer(id, "x", "answer", "x", result=QueryResult((), (), size_bytes=size_bytes))


def status(kept: KeptAnswers, principal: Principal, id: str) -> int:
    try:
        kept.result(principal, id)
    except Problem as problem:
        return problem.status
    return 200


def test_it_is_there_for_its_time_and_then_known_to_be_gone() -> None:
    clock = Hand()
    kept = KeptAnswers(60, 100, clock)
    kept.add(ANN, answer("a"))
    clock.now = 59.9
    assert status(kept, ANN, "a") == 200
    clock.now = 60
    assert status(kept, ANN, "a") == 410


def test_the_oldest_make_room_in_their_principals_own() -> None:
    kept = KeptAnswers(60, 25)
    kept.add(BOB, answer("his", 25))
    for id in ("a", "b", "c"):
        kept.add(ANN, answer(id))
    kept.add(ANN, answer("huge", 26))
    assert [status(kept, ANN, id) for id in ("a", "b", "c", "huge")] == [410, 200, 200, 410]
    assert status(kept, BOB, "his") == 200


def test_an_answer_without_a_result_and_one_of_another() -> None:
    kept = KeptAnswers(60, 100)
    kept.add(ANN, Answer("a", "x", "refusal", "x"))
    kept.add(ANN, answer("b"))
    assert status(kept, ANN, "a") == status(kept, BOB, "b") == 404
    kept.check_given(ANN, "a")
    with pytest.raises(Problem, match="no answer b"):
        kept.check_given(BOB, "b")


def test_what_is_remembered_is_bounded() -> None:
    kept = KeptAnswers(60, 10**9)
    for number in range(REMEMBERED + 1):
        kept.add(ANN, answer(str(number), 1))
    assert [status(kept, ANN, id) for id in ("0", "1", str(REMEMBERED))] == [404, 200, 200]


def test_people_who_do_not_come_any_more_hold_no_results() -> None:
    clock = Hand()
    kept = KeptAnswers(60, 100, clock)
    kept.add(ANN, answer("a"))
    clock.now = 60
    kept.add(BOB, answer("b"))
    assert [len(shelf.answers) for shelf in kept._shelves.values()] == [0, 1]
    assert status(kept, ANN, "a") == 410
