from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from nlq_evals.suite import load_suite
from review_room import Room

from nlq.catalog.yaml_docs import YamlDocs
from nlq.errors import GuardRefused, QueryFailed, ReviewError
from nlq.sample.facts import SAMPLE_DOCS
from nlq.types import Principal

ANA = Principal("ana", ("analyst",))
PAT = Principal("pat", ("data_platform",))
PIA = Principal("pia", ("data_platform",))
EMIL = Principal("emil", ("sales_emea",))

SQL = "SELECT count(*) AS carriers FROM lake.product.carriers WHERE route_cd = 'AGG'"
QUESTION = "How many carriers do we reach through an aggregator?"
PLANS = "SELECT plan_name FROM lake.product.plans ORDER BY platform_fee_usd_c DESC LIMIT 1"

Answered = Callable[..., str]


def test_a_proposal_that_another_person_approves_stands_in_the_docs(room: Room) -> None:
    reviews = room.reviews()
    item = reviews.propose(QUESTION, SQL, "aggregators are routes AGG", ANA)
    assert (item.state, item.by, item.rows) == ("proposed", "ana", 1)
    done = reviews.approve(item, PAT)
    assert "reviewed_queries.yaml" in done.told[0]
    (query,) = YamlDocs(room.docs).load().verified
    assert (query.question, query.sql) == (QUESTION, SQL)
    assert (query.verified_by, query.tables) == ("pat", ("lake.product.carriers",))
    assert str(query.verified_at) == "2026-07-15"
    assert reviews.items(PAT) == ()
    assert [i.state for i in reviews.items(PAT, ("approved",))] == ["approved"]
    assert not room.suite.exists(), "only a correction makes an eval case"


def test_nobody_approves_what_they_wrote_unless_the_settings_say_so(room: Room) -> None:
    reviews = room.reviews()
    item = reviews.propose(QUESTION, SQL, "", PAT)
    assert reviews.steps(item, PAT).approve is False
    with pytest.raises(ReviewError, match="another person approves it"):
        reviews.approve(item, PAT)
    assert list(room.docs.iterdir()) == []
    alone = room.reviews(self_approval=True)
    assert alone.approve(alone.item(item.id, PAT), PAT).item.state == "approved"


def test_approving_takes_the_role_that_the_settings_name(room: Room) -> None:
    item = room.reviews().propose(QUESTION, SQL, "", PAT)
    with pytest.raises(ReviewError, match="nothing of that id"):
        room.reviews().approve(item, ANA)
    room.reviews(roles=["analyst"]).approve(item, ANA)


def test_whoever_changes_a_proposal_is_its_author(room: Room) -> None:
    reviews = room.reviews()
    item = reviews.propose(QUESTION, SQL, "", PIA)
    changed = reviews.correct(item, QUESTION, SQL.replace("'AGG'", "'DIR'"), "", PAT)
    assert (changed.by, changed.author) == ("pia", "pat")
    with pytest.raises(ReviewError, match="You wrote it"):
        reviews.approve(changed, PAT)
    with pytest.raises(ReviewError, match="changed this since"):
        reviews.approve(item, PIA)
    assert "'DIR'" in reviews.approve(changed, PIA).item.sql


@pytest.mark.parametrize(
    ("question", "sql", "error", "words"),
    [
        ("", SQL, ReviewError, "no question"),
        (QUESTION, "DROP TABLE lake.product.carriers", GuardRefused, None),
        (QUESTION, "SELECT 1 / 0 FROM lake.product.carriers", QueryFailed, None),
        ("How many carriers last quarter?", SQL, ReviewError, "last quarter"),
        ("Who earns most?", "SELECT * FROM lake.hr.employees", GuardRefused, None),
    ],
)
def test_what_is_proposed_must_pass_run_and_stay_right(
    room: Room, question: str, sql: str, error: type[Exception], words: str | None
) -> None:
    with pytest.raises(error, match=words):
        room.reviews().propose(question, sql, "", ANA)
    assert room.reviews().items(PAT) == ()


def test_a_moving_question_may_have_sql_that_moves(room: Room) -> None:
    sql = "SELECT count(*) AS n FROM lake.product.carriers WHERE current_date > DATE '2020-01-01'"
    assert room.reviews().propose("How many carriers are there today?", sql, "", ANA)


def test_short_names_are_written_whole(room: Room) -> None:
    item = room.reviews().propose(QUESTION, "select count(*) from carriers;", "", ANA)
    assert "lake.product.carriers" in item.sql


def test_a_question_is_proposed_once_and_not_beside_the_docs(room: Room) -> None:
    reviews = room.reviews()
    reviews.propose(QUESTION, SQL, "", ANA)
    with pytest.raises(ReviewError, match="waits for review already"):
        reviews.propose(QUESTION.upper(), SQL, "", PIA)
    known = room.assistant.catalog.verified[0]
    with pytest.raises(ReviewError, match="a verified query for this question already"):
        reviews.propose(known.question, SQL, "", PIA)


def test_a_reviewer_sees_only_what_reads_tables_they_may_see(
    room: Room, answered: Answered
) -> None:
    reviews = room.reviews(roles=["data_platform", "sales_emea"])
    item = reviews.propose(QUESTION, SQL, "", ANA)
    refused = answered(
        "Which plan is best?", who=ANA, kind="refusal", thumb="down", tables=("lake.product.plans",)
    )
    assert {i.id for i in reviews.items(PAT)} == {item.id, refused}
    assert reviews.items(EMIL) == ()
    assert reviews.failing(EMIL) == ()
    with pytest.raises(ReviewError, match="nothing of that id"):
        reviews.item(item.id, EMIL)
    with pytest.raises(ReviewError, match="nothing of that id"):
        reviews.approve(item, EMIL)


def test_others_see_their_own_alone(room: Room) -> None:
    reviews = room.reviews()
    reviews.propose(QUESTION, SQL, "", PAT)
    mine = reviews.propose("Which plan is dearest?", PLANS, "", ANA)
    assert [i.id for i in reviews.items(ANA)] == [mine.id]


def test_a_thumb_down_becomes_an_item_with_what_was_drafted(room: Room, answered: Answered) -> None:
    sql = "SELECT crm_account_id FROM lake.crm.accounts"
    id = answered("Who are our customers?", sql, who=EMIL, thumb="down", note="only EMEA!")
    answered("Who else?", sql, who=EMIL, thumb="up")
    reviews = room.reviews(suite=None)
    (item,) = reviews.items(PAT)
    assert (item.id, item.kind, item.state) == (id, "correction", "reported")
    assert (item.by, item.complaint) == ("emil", "only EMEA!")
    assert item.sql == sql, "not the one with the row filter"
    with pytest.raises(ReviewError, match="Correct the query first"):
        reviews.approve(item, PAT)


def test_an_approved_correction_is_a_verified_query_and_an_eval_case(
    room: Room, answered: Answered
) -> None:
    id = answered(QUESTION, SQL.replace("'AGG'", "'DIR'"), who=ANA, thumb="down", note="wrong")
    reviews = room.reviews()
    corrected = reviews.correct(reviews.item(id, PAT), QUESTION, SQL, "", PAT)
    done = reviews.approve(corrected, PIA)
    assert len(done.told) == 3
    (case,) = load_suite(room.suite).cases
    assert (case.question, case.references[0].sql, case.category) == (QUESTION, SQL, "single_table")
    assert case.id.endswith(id)
    assert YamlDocs(room.docs).load().verified[0].sql == SQL
    assert reviews.items(PAT) == (), "the thumb does not come back"
    reviews.retire(done.item, "the routes were renamed", PAT)
    assert yaml.safe_load(room.suite.read_text())["cases"] == []
    assert YamlDocs(room.docs).load().verified == ()
    assert reviews.items(PAT, ("retired",))[0].reason == "the routes were renamed"


def test_rejecting_and_retiring_need_a_reason(room: Room, answered: Answered) -> None:
    id = answered(QUESTION, SQL, who=ANA, thumb="down")
    reviews = room.reviews()
    with pytest.raises(ReviewError, match="Say why"):
        reviews.reject(reviews.item(id, PAT), "  ", PAT)
    with pytest.raises(ReviewError, match="may not retire"):
        reviews.retire(reviews.item(id, PAT), "no", PAT)
    assert reviews.reject(reviews.item(id, PAT), "it was right", PAT).state == "rejected"
    assert reviews.items(PAT) == ()


def test_what_was_written_by_hand_is_retired_too(room: Room) -> None:
    for path in SAMPLE_DOCS.rglob("*.yaml"):
        shutil.copy(path, room.docs / path.name)
    reviews = room.reviews()
    before = YamlDocs(room.docs).load().verified
    item = next(item for item in reviews.items(PAT, ("approved",)) if item.sql == before[0].sql)
    assert (item.question, item.notes) == (before[0].question, "Written into the docs by hand.")
    assert reviews.items(ANA, ("approved",)) == ()
    done = reviews.retire(item, "the table is going away", PAT)
    assert "was taken out of" in done.told[0]
    assert YamlDocs(room.docs).load().verified == before[1:]
    assert item.id not in {one.id for one in reviews.items(PAT, ("approved",))}
    assert [one.id for one in reviews.items(PAT, ("retired",))] == [item.id]


def test_one_may_take_back_ones_own_and_nobody_elses(room: Room) -> None:
    reviews = room.reviews()
    mine = reviews.propose(QUESTION, SQL, "", ANA)
    other = reviews.propose("Which plan is dearest?", PLANS, "", PAT)
    assert reviews.reject(mine, "no use", ANA).decided_by == "ana"
    with pytest.raises(ReviewError):
        reviews.reject(other, "no", ANA)


def test_nothing_is_approved_where_it_cannot_be_written(room: Room, tmp_path: Path) -> None:
    item = room.reviews().propose(QUESTION, SQL, "", ANA)
    for reviews, words in (
        (room.reviews(docs=tmp_path / "none"), "no folder"),
        (room.reviews(verified="../other.yaml"), "no index would find it"),
    ):
        with pytest.raises(ReviewError, match=words):
            reviews.approve(item, PAT)
    room.suite = tmp_path / "nowhere" / "suite.yaml"
    room.docs.chmod(0o500)
    try:
        if (room.docs / "x").parent.stat().st_uid != 0:
            with pytest.raises(ReviewError, match="may not be written"):
                room.reviews().approve(item, PAT)
    finally:
        room.docs.chmod(0o700)
    assert room.reviews().items(PAT)[0].state == "proposed"


def test_the_samples_own_docs_are_never_written(room: Room) -> None:
    from nlq.kept.review_files import QueryFile

    with pytest.raises(ReviewError, match=r"none is set"):
        _ = QueryFile(None, Path("reviewed_queries.yaml")).path


def test_a_broken_suite_leaves_the_docs_alone(room: Room, answered: Answered) -> None:
    id = answered(QUESTION, SQL, who=ANA, thumb="down")
    reviews = room.reviews()
    item = reviews.correct(reviews.item(id, PAT), QUESTION, SQL, "", PAT)
    room.suite.write_text("cases: {a: b}\n")
    with pytest.raises(ReviewError, match="no list cases"):
        reviews.approve(item, PIA)
    assert list(room.docs.iterdir()) == []
    assert reviews.item(id, PIA).state == "proposed"


def test_what_fails_most_comes_first(room: Room, answered: Answered) -> None:
    for year in (2024, 2025, 2026):
        answered(f"What was churn in {year}?", who=ANA, kind="refusal", reason="No churn here.")
    answered("What was churn in 2023?", SQL, who=PAT, thumb="down", note="not churn")
    answered("List carriers", who=ANA, kind="error", reason="The engine is down.")
    answered("List carriers", SQL, who=ANA)
    churn, carriers = room.reviews().failing(PAT)
    assert (churn.refused, churn.errors, churn.down, churn.people) == (3, 0, 1, 2)
    assert churn.example == "What was churn in 2023?"
    assert churn.reasons[0] == "No churn here."
    assert (carriers.errors, carriers.failed) == (1, 1)
    assert room.reviews().failing(ANA) == ()
