from nlq_ui.api.conversations import MOST, MOST_TURNS, Conversations

from nlq.types import Principal, Turn

ANN, BOB = Principal("ann", ("analyst",)), Principal("bob", ("analyst",))


class Hand:
    """A clock that is set by hand, seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def turn(text: str) -> Turn:
    return Turn(text, text)


def test_turns_come_back_in_order_to_whom_they_belong() -> None:
    kept = Conversations(60)
    kept.add(ANN, "c", turn("one"))
    kept.add(ANN, "c", turn("two"))
    assert kept.turns(ANN, "c") == (turn("one"), turn("two"))
    assert kept.turns(ANN, "d") == kept.turns(BOB, "c") == ()


def test_other_roles_are_another_conversation() -> None:
    kept = Conversations(60)
    kept.add(ANN, "c", turn("one"))
    assert kept.turns(Principal("ann", ("hr",)), "c") == ()


def test_a_conversation_ends_some_time_after_its_last_turn() -> None:
    clock = Hand()
    kept = Conversations(60, clock)
    kept.add(ANN, "c", turn("one"))
    clock.now = 59
    kept.add(ANN, "c", turn("two"))
    clock.now = 118
    assert len(kept.turns(ANN, "c")) == 2
    clock.now = 119
    assert kept.turns(ANN, "c") == ()


def test_it_is_bounded_for_each_principal_apart() -> None:
    kept = Conversations(60)
    kept.add(BOB, "c", turn("his"))
    for number in range(MOST + 1):
        kept.add(ANN, f"c{number}", turn("hers"))
    for number in range(MOST_TURNS + 1):
        kept.add(ANN, "long", turn(str(number)))
    assert kept.turns(ANN, "c0") == ()
    assert kept.turns(ANN, f"c{MOST}") == (turn("hers"),)
    assert kept.turns(ANN, "long")[0] == turn("1")
    assert len(kept.turns(ANN, "long")) == MOST_TURNS
    assert kept.turns(BOB, "c") == (turn("his"),)


def test_people_who_do_not_come_any_more_leave_nothing_behind() -> None:
    clock = Hand()
    kept = Conversations(60, clock)
    kept.add(ANN, "c", turn("one"))
    clock.now = 60
    kept.add(BOB, "c", turn("one"))
    assert list(kept._of) == [BOB]
