import pytest
from nlq_evals.suite import SuiteError, chosen, load_suite

GOOD = """
version: 1
name: tiny
cases:
  - id: revenue
    category: metric
    question: What was revenue last quarter?
    references: [{sql: SELECT 1, ratios: [x]}]
  - id: salaries
    category: forbidden
    question: What do people earn?
  - id: again
    category: follow_up
    question: And by region?
    before: ["What was revenue last quarter?"]
    references: [{sql: SELECT 2}]
"""


@pytest.fixture
def write(tmp_path):
    def put(text):
        path = tmp_path / "suite.yaml"
        path.write_text(text)
        return path

    return put


def test_expectations_follow_the_category(write):
    suite = load_suite(write(GOOD))
    assert [case.expect for case in suite.cases] == ["answer", "refuse", "answer"]
    assert suite.cases[0].references[0].ratios == ("x",)


def test_choosing_cases(write):
    suite = load_suite(write(GOOD))
    assert [c.id for c in chosen(suite.cases, only=("again", "revenue"))] == ["revenue", "again"]
    assert [c.id for c in chosen(suite.cases, category="forbidden")] == ["salaries"]
    assert [c.id for c in chosen(suite.cases, limit=1)] == ["revenue"]
    with pytest.raises(SuiteError, match="no case nosuch"):
        chosen(suite.cases, only=("nosuch",))
    with pytest.raises(SuiteError, match="no category"):
        chosen(suite.cases, category="nosuch")


def test_a_case_that_changes_has_another_fingerprint(write):
    before = load_suite(write(GOOD)).cases
    after = load_suite(write(GOOD.replace("SELECT 1", "SELECT 3"))).cases
    assert before[0].fingerprint != after[0].fingerprint
    assert before[1].fingerprint == after[1].fingerprint


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("references: [{sql: SELECT 1, ratios: [x]}]", "", "cases.revenue: .*references are for"),
        ("question: And by region?", "", "cases.again.question: Field required"),
        ('before: ["What was revenue last quarter?"]', "", "cases.again: .*follow_up"),
        ("id: salaries", "id: revenue", "the case revenue is there twice"),
        ("category: forbidden", "category: banned", "cases.salaries.category"),
        ("name: tiny", "name: [tiny", "not readable YAML"),
        ("question: What do people earn?", "question: Pay?\n    sql: SELECT 1", "salaries.sql"),
    ],
)
def test_mistakes_are_named_with_their_place(write, old, new, message):
    assert old in GOOD
    with pytest.raises(SuiteError, match=message):
        load_suite(write(GOOD.replace(old, new)))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SuiteError, match="No such file"):
        load_suite(tmp_path / "none.yaml")


def test_each_paraphrase_is_a_case_of_the_same_group(write):
    two = "What was revenue last quarter?\n    paraphrases: [revenue last q, Q2 revenue pls]"
    suite = load_suite(write(GOOD.replace("What was revenue last quarter?\n", two + "\n", 1)))
    first, second, third = suite.cases[:3]
    assert [c.id for c in (first, second, third)] == ["revenue", "revenue-p1", "revenue-p2"]
    assert (second.question, third.question) == ("revenue last q", "Q2 revenue pls")
    assert {c.group for c in (first, second, third)} == {"revenue"}
    assert first.references == second.references == third.references
    assert [c.group for c in suite.cases[3:]] == ["", ""]
    assert load_suite(write(GOOD)).cases[0].fingerprint == first.fingerprint


def test_a_paraphrase_of_a_follow_up_has_the_same_earlier_turns(write):
    two = "question: And by region?\n    paraphrases: [per region]"
    last = load_suite(write(GOOD.replace("question: And by region?", two))).cases[-1]
    assert (last.id, last.before) == ("again-p1", ("What was revenue last quarter?",))


def test_a_paraphrases_id_may_not_be_taken(write):
    text = GOOD.replace("id: salaries", "id: revenue-p1").replace(
        "category: metric", "category: metric\n    paraphrases: [other words]"
    )
    with pytest.raises(SuiteError, match="revenue-p1 is there twice"):
        load_suite(write(text))
