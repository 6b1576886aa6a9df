"""Keys and joins that docs, names and values bear out, and those that only seem to be there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from nlq.catalog.catalog import Catalog
from nlq.catalog.joins import infer_joins
from nlq.catalog.keys import Counts, Evidence, infer_keys, with_keys
from nlq.catalog.profile import Profile, load_profile, save_profile, with_joins
from nlq.errors import IndexNotReady
from nlq.types import ColumnDoc, JoinEdge, TableDoc

Tables = Mapping[str, Mapping[str, Sequence[object]]]
Docs = Mapping[str, str]


class Rows:
    """Answers from lists of values."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def counts(self, table: str, columns: tuple[str, ...]) -> Counts:
        lists = [self._values(table, column) for column in columns]
        rows = list(zip(*lists, strict=True))
        filled = [row for row in rows if None not in row]
        return Counts(len(rows), len(filled), len(set(filled)))

    def met(self, table: str, column: str, key_table: str, key: str) -> tuple[int, int]:
        values = {value for value in self._values(table, column) if value is not None}
        return len(values), len(values & set(self._values(key_table, key)))

    def _values(self, table: str, column: str) -> list[object]:
        return list(self._tables[table.split(".")[2]][column])


class Hidden:
    """Nothing may be seen."""

    def counts(self, table: str, columns: tuple[str, ...]) -> None:
        return None

    def met(self, table: str, column: str, key_table: str, key: str) -> None:
        return None


def catalog(tables: Tables, docs: Docs | None = None, glossary: Sequence[str] = ()) -> Catalog:
    """Tables of these columns; ``docs`` are descriptions by ``table.column``."""
    made = {}
    for name, columns in tables.items():
        described = tuple(
            ColumnDoc(
                column,
                "varchar" if any(isinstance(value, str) for value in values) else "bigint",
                (docs or {}).get(f"{name}.{column}", ""),
            )
            for column, values in columns.items()
        )
        made[f"lake.shop.{name}"] = TableDoc(f"lake.shop.{name}", described)
    return Catalog(made, glossary=tuple(glossary))


def infer(known: Catalog, values: Rows | Hidden) -> tuple[dict[str, tuple[str, ...]], set[str]]:
    """Primary keys by short name, and joins as ``a.x -> b.y many_to_one``."""
    keys = infer_keys(Evidence(known, values))
    edges = infer_joins(Evidence(with_keys(known, keys), values))
    return {name.split(".")[2]: key for name, key in keys.items()}, {
        f"{short(e.left)}.{e.left_columns[0]} -> {short(e.right)}.{e.right_columns[0]} "
        f"{e.cardinality}"
        for e in edges
    }


def short(table: str) -> str:
    return table.split(".")[2]


SHOP: Tables = {
    "cars": {"id": [1, 2, 3], "make": ["a", "b", "b"]},
    "sales": {"id": [1, 2, 3, 4], "car_id": [1, 1, 3, None], "custno": [7, 8, 8, 7]},
    "payments": {"id": [1, 2, 3], "sale_id": [1, 8, 9]},
    "sbcustomer": {"sbcustid": ["C1", "C2"], "status": ["a", "b"]},
    "sbtransaction": {"sbtxcustid": ["C1", "C1", "C2"], "status": ["a", "b", "b"]},
}
THREE = [1, 2, 3]
NAMED = ["a", "b", "c"]

CASES: list[tuple[str, Tables, Docs, Sequence[str], set[str]]] = [
    (
        "names and values must both agree: two thirds of payments.sale_id are no sales",
        SHOP, {}, (),
        {"sales.car_id -> cars.id many_to_one",
         "sbtransaction.sbtxcustid -> sbcustomer.sbcustid many_to_one"},
    ),
    (
        "a bridge owns no key, and a unique column of it is many to one, as names say",
        {"meeting": {"mid": THREE, "name": NAMED}, "topic": {"tid": THREE, "name": NAMED},
         "meeting_topic": {"mid": THREE, "tid": [1, 2, 3]}, "talk": {"talk_id": THREE,
         "title": NAMED, "mid": [1, 1, 2]}},
        {}, (),
        {"meeting_topic.mid -> meeting.mid many_to_one",
         "meeting_topic.tid -> topic.tid many_to_one",
         "talk.mid -> meeting.mid many_to_one"},
    ),
    (
        "docs tell owner from reference where names tell nothing",
        {"domain_meeting": {"xk": THREE, "dk": THREE}, "meeting": {"xk": THREE, "name": NAMED},
         "domain": {"dk": THREE, "name": NAMED}},
        {"domain_meeting.xk": "Foreign key referencing the xk column in the meeting table",
         "domain_meeting.dk": "Foreign key referencing the domain table's primary key (dk)",
         "meeting.xk": "Unique identifier for a meeting", "domain.dk": "Unique identifier"}, (),
        {"domain_meeting.xk -> meeting.xk many_to_one",
         "domain_meeting.dk -> domain.dk many_to_one"},
    ),
    (
        "docs name the thing that a column identifies",
        {"cite": {"cited": [1, 1, 2], "citing": [2, 3, 3]}, "publication": {"pid": THREE,
         "title": NAMED}},
        {"cite.cited": "ID of the publication being cited",
         "cite.citing": "ID of the publication that is citing another publication",
         "publication.pid": "The unique ID of the publication"}, (),
        {"cite.cited -> publication.pid many_to_one",
         "cite.citing -> publication.pid many_to_one"},
    ),
    (
        "a number of things is no reference to them",
        {"publication": {"pid": THREE, "title": NAMED, "reference_num": [1, 2, 2]},
         "author": {"aid": THREE, "papers": [1, 2, 3]}},
        {"publication.reference_num": "The number of references cited by the publication",
         "author.papers": "Number of publications of the author"}, (), set(),
    ),
    (
        "said to be a foreign key: some agreeing values are enough, none are not",
        {"orders": {"nr": THREE, "buyer": [1, 8, 9], "seller": [7, 8, 9]}, "people": {"id": THREE,
         "age": [7, 8, 9]}},
        {"orders.buyer": "FK to people", "orders.seller": "FK to people"}, (),
        {"orders.buyer -> people.id many_to_one"},
    ),
    (
        "types must fit",
        {"orders": {"nr": THREE, "buyer": ["1", "2", "3"]}, "people": {"id": THREE}},
        {"orders.buyer": "Foreign key referencing the people table"}, (), set(),
    ),
    (
        "the glossary: a column from several tables",
        {"cars": {"id": THREE}, "sales": {"nr": THREE, "vehicle": [1, 1, 3]},
         "stock": {"day": [5, 6, 7], "vehicle": [3, 2, 2]}},
        {}, ("`cars.id` can be joined with `vehicle` from `sales` and `stock` tables",),
        {"sales.vehicle -> cars.id many_to_one", "stock.vehicle -> cars.id many_to_one"},
    ),
    (
        "the glossary: names too unlike to be guessed",
        {"fxrate": {"fxprice_sym": ["A", "A"], "day": [1, 2]}, "coin": {"coin_sym": ["A", "B"]}},
        {}, ("Coin can be joined to fxRate on coin_sym",), set(),
    ),
    (
        "the glossary: names that end alike",
        {"sbprice": {"sbdptickerid": ["A", "A", "X"], "sbdpday": [1, 2, 3]},
         "sbticker": {"sbtickerid": [*NAMED, "A"]}},
        {}, ("- sbTicker can be joined to sbPrice on sbTickerId",),
        {"sbprice.sbdptickerid -> sbticker.sbtickerid many_to_one"},
    ),
    (
        "the glossary: an equality, and two columns to one",
        {"flight": {"nr": THREE, "orig": ["A", "A", "B"], "dest": ["B", "B", "A"], "plane": THREE},
         "airport": {"iata": [*NAMED, "A", "B"]}, "aircraft": {"id": [1, 2, 3]}},
        {}, ("flight.orig and flight.dest can be joined with airport.iata",
             "Join flight to aircraft where flight.plane = aircraft.id"),
        {"flight.orig -> airport.iata many_to_one", "flight.dest -> airport.iata many_to_one",
         "flight.plane -> aircraft.id many_to_one"},
    ),
    (
        "a glossary entry without a word of joins says nothing of joins",
        {"sales": {"nr": THREE, "price": [1, 2, 2]}, "cost": {"nr2": THREE, "price": [1, 2, 3]}},
        {}, ("Profit = price of sales - price of cost",), set(),
    ),
    (
        "a name that most values bear out, one that none do, and one of anything",
        {"state": {"state_name": ["a", "b", "c", "d"], "area": [1, 2, 3, 4]},
         "city": {"city_name": NAMED, "state_name": ["a", "b", "x"], "area": [1, 2, 3]},
         "lake": {"lake_name": NAMED, "state_name": ["v", "y", "z"], "depth": [1, 2, 3]}},
        {}, (),
        {"city.state_name -> state.state_name many_to_one"},
    ),
    (
        "a trait of rows on both sides joins only what nothing else does",
        {"state": {"state_name": NAMED, "country_name": ["x", "x", "y"]},
         "city": {"city_name": NAMED, "state_name": ["a", "a", "b"],
                  "country_name": ["x", "x", "x"]},
         "river": {"river_name": NAMED, "country_name": ["x", "x", "y"]}},
        {}, (),
        {"city.state_name -> state.state_name many_to_one",
         "state.country_name -> river.country_name many_to_many",
         "city.country_name -> river.country_name many_to_many"},
    ),
    (
        "kinds join nothing",
        {"paid": {"id": THREE, "payment_method": ["x", "y", "x"], "currency_code": NAMED},
         "got": {"id": [1, 2], "payment_method": ["x", "y"], "currency_code": ["a", "a"]}},
        {}, (), set(),
    ),
    (
        "one to one: where the column is the table's own key",
        {"place": {"restaurant_id": THREE, "street": NAMED}, "restaurant": {"id": THREE}},
        {"place.restaurant_id": "Unique identifier for each restaurant"}, (),
        {"place.restaurant_id -> restaurant.id one_to_one"},
    ),
    (
        "many to one: where a few rows happen to differ",
        {"bill": {"bill_id": THREE, "visit_id": [3, 1, 2]}, "visits": {"id": THREE}},
        {}, (), {"bill.visit_id -> visits.id many_to_one"},
    ),
    (
        "one to one: where many rows differ",
        {"bill": {"bill_id": range(40), "visit_id": range(40)}, "visits": {"id": range(50)}},
        {}, (), {"bill.visit_id -> visits.id one_to_one"},
    ),
    (
        "the same table: by name, where all values agree, and by docs",
        {"employees": {"employee_id": THREE, "manager_id": [None, 1, 1], "buddy": [2, 1, 2],
         "boss": [9, 1, 1]}},
        {"employees.buddy": "Foreign key to employees, for the first week"}, (),
        {"employees.manager_id -> employees.employee_id many_to_one",
         "employees.buddy -> employees.employee_id many_to_one"},
    ),
    (
        "a part that the column plays before the thing",
        {"teams": {"id": THREE}, "games": {"id": [4, 5], "home_team_id": [1, 2],
         "away_team_id": [2, 3]}},
        {}, (),
        {"games.home_team_id -> teams.id many_to_one",
         "games.away_team_id -> teams.id many_to_one"},
    ),
    (
        "layers before names, plurals of all kinds",
        {"dim_courses": {"course_key": THREE}, "dim_companies": {"company_key": THREE},
         "fact_visits": {"visit_nr": [7, 8], "course_key": [1, 2], "company_key": [2, 2]}},
        {}, (),
        {"fact_visits.course_key -> dim_courses.course_key many_to_one",
         "fact_visits.company_key -> dim_companies.company_key many_to_one"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "docs", "glossary", "joins"),
    [pytest.param(*case[1:], id=case[0]) for case in CASES],
)
def test_joins(tables: Tables, docs: Docs, glossary: Sequence[str], joins: set[str]) -> None:
    assert infer(catalog(tables, docs, glossary), Rows(tables))[1] == joins


def test_primary_keys_are_unique_and_called_so() -> None:
    tables: Tables = {
        "cars": {"vin": NAMED, "id": THREE},
        "visits": {"nr": [1, 1, 2], "visit_id": THREE},
        "meeting": {"xk": THREE, "name": NAMED},
        "meeting_car": {"car_id": [1, 1, 2], "meeting_id": [1, 2, 2]},
        "log": {"line": ["a", "a", "b"], "amount": THREE},
    }
    docs = {"meeting.xk": "Primary key"}
    assert infer(catalog(tables, docs), Rows(tables))[0] == {
        "cars": ("id",),
        "visits": ("visit_id",),
        "meeting": ("xk",),
        "meeting_car": ("car_id", "meeting_id"),
    }  # log.amount is unique, and no key


def test_a_declared_key_is_kept() -> None:
    known = catalog(SHOP)
    cars = replace(known.tables["lake.shop.cars"], primary_key=("make",))
    known = replace(known, tables={**known.tables, cars.name: cars})
    assert cars.name not in infer_keys(Evidence(known, Rows(SHOP)))
    assert with_keys(known, {cars.name: ("id",)}).tables[cars.name].primary_key == ("make",)


def test_what_may_not_be_seen_is_joined_only_where_docs_say_so() -> None:
    docs = {
        "payments.sale_id": "Foreign key referencing the sales table",
        "sales.id": "Primary key",
    }
    assert infer(catalog(SHOP, docs), Hidden()) == (
        {"sales": ("id",)},
        {"payments.sale_id -> sales.id many_to_one"},
    )


def test_of_tables_of_one_name_the_one_in_the_same_schema_is_meant() -> None:
    known = catalog(SHOP)
    copy = replace(known.tables["lake.shop.cars"], name="lake.copy.cars")
    known = replace(known, tables={copy.name: copy, **known.tables})
    edges = infer_joins(Evidence(known, Rows(SHOP)))
    assert {e.right for e in edges if e.left_columns == ("car_id",)} == {"lake.shop.cars"}


def test_what_is_documented_is_not_guessed_over() -> None:
    known = catalog(SHOP)
    sales, cars = known.tables["lake.shop.sales"], known.tables["lake.shop.cars"]
    edge = JoinEdge(sales.name, ("custno",), cars.name, ("id",))
    documented = replace(known, tables={**known.tables, sales.name: replace(sales, joins=(edge,))})
    assert infer(documented, Rows(SHOP))[1] == {
        "sbtransaction.sbtxcustid -> sbcustomer.sbcustid many_to_one"
    }


def test_a_profile_comes_back_as_it_was_kept(tmp_path) -> None:
    evidence = Evidence(catalog(SHOP), Rows(SHOP))
    profile = Profile(
        {"lake.shop.cars.make": ("a", "b")},
        infer_joins(evidence),
        infer_keys(evidence),
        {"lake.shop.users.country": {"DE": ("Germany",), "FR": ("France",)}},
    )
    save_profile(profile, tmp_path / "home" / "profile.json")
    kept = load_profile(tmp_path / "home" / "profile.json")
    assert kept == profile
    assert set(with_joins(catalog(SHOP), kept.joins).joins) == set(profile.joins)
    assert load_profile(tmp_path / "none.json") == Profile()


def test_a_profile_of_another_version_is_to_be_built_anew(tmp_path) -> None:
    path = tmp_path / "profile.json"
    path.write_text(json.dumps({"version": 1, "values": {}, "joins": []}), "utf-8")
    with pytest.raises(IndexNotReady):
        load_profile(path)
