"""Which words a metric's own docs explain."""

import pytest

from nlq.drafting.plan_filters import said_by
from nlq.types import MetricDoc


@pytest.mark.parametrize(
    ("description", "word", "said"),
    [
        ("Share of outbound messages that were delivered.", "outbound", True),
        ("Messages sent, without internal test accounts.", "internal", False),
        ("Fees for platform, support plans and phone numbers.", "platform", False),
        ("Tickets that are neither resolved nor closed.", "resolved", False),
        ("Revenue over budget.", "budget", False),
    ],
)
def test_a_description_explains_only_what_is_true_of_all(description, word, said):
    metric = MetricDoc("m", "Figure", description, synonyms=("amount shown",))
    assert said_by((metric,), word) is said


def test_names_explain_their_words():
    metric = MetricDoc("m", "Churned customers", "", synonyms=("lost accounts",))
    assert said_by((metric,), "churned accounts")
