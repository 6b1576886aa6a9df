from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.retrieval.lexicon import Lexicon
from nlq.retrieval.values import link_values, sample_values, with_values
from nlq.types import ColumnDoc, DimensionDoc, JoinEdge, MetricDoc, TableDoc, ValueDoc, ValueLink

NAME = "lake.shop.accounts"
ACCOUNTS = TableDoc(
    NAME,
    (
        ColumnDoc(
            "ctry",
            "varchar",
            values=(
                ValueDoc("DE", "Germany", ("Deutschland",)),
                ValueDoc("US", "United States", ("USA", "America")),
                ValueDoc("IT", "Italy"),
                ValueDoc("AU", "Australia"),
                ValueDoc("AT", "Austria"),
            ),
        ),
        ColumnDoc(
            "seg",
            "varchar",
            values=(
                ValueDoc("ENT", "Enterprise", ("large customers",)),
                ValueDoc("MM", "Mid-market"),
                ValueDoc("2", "Outbound, which is to say that the account sent it"),
            ),
        ),
        ColumnDoc("plan", "varchar", values=(ValueDoc("GROW", "Growth"), ValueDoc("X", "I"))),
    ),
)
MARKET = MetricDoc(
    "markets", "Markets", "", table=NAME, expression="count(*)", synonyms=("market",)
)
LEXICON = Lexicon(Catalog({NAME: ACCOUNTS}, {"markets": MARKET}))


def linked(text: str) -> list[tuple[str, str]]:
    located = LEXICON.find(text, LEXICON.respelled(text))[1]
    return [(link.phrase, link.value) for link in link_values(located)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("revenue in Germany", [("Germany", "DE")]),
        ("revenue in germany and ITALY", [("germany", "DE"), ("ITALY", "IT")]),
        ("revenue in Deutschland", [("Deutschland", "DE")]),
        ("revenue in the United States", [("United States", "US")]),
        ("revenue in the US", [("US", "US")]),
        ("enterprise customers", [("enterprise", "ENT")]),
        ("enterprises", [("enterprises", "ENT")]),
        ("our largest large customers", [("large customers", "ENT")]),
        ("mid-market", [("mid-market", "MM")]),
        ("mid market accounts", [("mid market", "MM")]),
        ("ENT accounts", [("ENT", "ENT")]),
        ("revenue in Germny", [("Germny", "DE")]),
        ("revenue in Grmany", [("Grmany", "DE")]),
        ("enterprize accounts", [("enterprize", "ENT")]),
        ("customers on Growth", [("Growth", "GROW")]),
        # Words that are no values where they stand.
        ("tell us how it went", []),
        ("how much is it", []),
        ("What can I do at 2?", []),
        ("revenue growth", []),
        ("Growth of revenue", []),
        ("market share", []),
        ("REVENUE IN IT", []),
        ("revenue of German customers", [("German", "DE")]),
    ],
)
def test_links_what_is_named(text: str, expected: list[tuple[str, str]]) -> None:
    assert linked(text) == expected


def test_a_right_word_is_not_bent_to_another() -> None:
    assert linked("revenue in Austria") == [("Austria", "AT")]
    assert linked("revenue in Algeria") == []


def test_a_guess_scores_less_than_a_name() -> None:
    text = "Germny or Deutschland or Germany"
    located = LEXICON.find(text, LEXICON.respelled(text))[1]
    scores = {link.phrase: link.score for link in link_values(located)}
    assert scores["Germny"] < scores["Germany"] < scores["Deutschland"] == 1.0


def test_no_link_within_what_means_something_else() -> None:
    text = "revenue in Germany"
    located = LEXICON.find(text)[1]
    assert link_values(located, taken=[(11, 18)]) == ()


def test_a_link_says_where_the_value_is() -> None:
    located = LEXICON.find("Deutschland")[1]
    assert link_values(located) == (ValueLink("Deutschland", NAME, "ctry", "DE", "Germany", 1.0),)


# --- values sampled from the lake ---------------------------------------------------------------

LAKE = TableDoc(
    "lake.shop.sites",
    (
        ColumnDoc("site_id", "varchar"),
        ColumnDoc("city", "varchar(20)"),
        ColumnDoc("email", "varchar", tags=("pii",)),
        ColumnDoc("note", "varchar"),
        ColumnDoc("size", "bigint"),
        ColumnDoc("kind", "varchar", values=(ValueDoc("A"),)),
        ColumnDoc("owner_id", "varchar"),
    ),
    primary_key=("site_id",),
    joins=(JoinEdge("lake.shop.sites", ("owner_id",), NAME, ("id",)),),
)


DIMENSIONS = {
    name: DimensionDoc(name, name, LAKE.name, name)
    for name in ("city", "email", "note", "size", "kind")
}
SITES = Catalog({LAKE.name: LAKE}, dimensions=DIMENSIONS)


def test_only_harmless_string_dimensions_of_few_values_are_sampled() -> None:
    asked: list[str] = []

    def list_values(table: str, column: str, limit: int) -> list[str]:
        asked.append(column)
        return ["Berlin", " ", "Rome"] if column == "city" else [str(n) for n in range(limit)]

    found = sample_values(SITES, list_values, most=5)
    assert asked == ["city", "note"]
    assert found == {"lake.shop.sites.city": ("Berlin", "Rome")}


def test_sampled_values_never_replace_value_docs() -> None:
    values = {"lake.shop.sites.city": ["Berlin"], "lake.shop.sites.kind": ["B"]}
    got = with_values(SITES, values).tables[LAKE.name]
    assert {c.name: [v.value for v in c.values] for c in got.columns if c.values} == {
        "city": ["Berlin"],
        "kind": ["A"],
    }


def test_sampled_values_are_linked() -> None:
    catalog = with_values(SITES, {"lake.shop.sites.city": ["Berlin"]})
    assert [m.phrase for m in Lexicon(catalog).find("sales in berlin")[1]] == ["berlin"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How many final checks were there?", ["FIN"]),
        ("What is the final number of checks?", []),
        ("the longest foot rounds", ["F"]),
        ("rounds by a van with trailer", ["V"]),
        ("how many trailers?", []),
        ("stock of each depot", []),  # a column is called so
    ],
)
def test_words_before_a_table_and_beginnings_of_meanings_are_linked(
    text: str, expected: list[str]
) -> None:
    stage = ValueDoc("FIN", "final"), ValueDoc("INC", "stock that came in")
    mode = ValueDoc("F", "on foot"), ValueDoc("V", "van with trailer")
    checks = TableDoc(
        "lake.shop.checks",
        (ColumnDoc("stage", "varchar", values=stage), ColumnDoc("stock", "bigint")),
    )
    rounds = TableDoc("lake.shop.rounds", (ColumnDoc("md", "varchar", values=mode),))
    lexicon = Lexicon(Catalog({table.name: table for table in (checks, rounds)}))
    located = lexicon.find(text, lexicon.respelled(text))[1]
    assert [link.value for link in link_values(located)] == expected
