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

# As in TPC-H: each column carries a letter of its table, and part and supplier both pair up.
WHOLESALE: Tables = {
    "customer": {"c_custkey": [1, 2, 3, 4], "c_name": ["a", "b", "c", "d"],
                 "c_nationkey": [7, 7, 8, 9], "c_acctbal": [10, 20, 10, 30]},
    "orders": {"o_orderkey": [1, 2, 3, 4, 5], "o_custkey": [1, 1, 2, 3, 3],
               "o_orderstatus": ["O", "F", "O", "F", "F"], "o_shippriority": [0, 0, 0, 1, 1]},
    "lineitem": {"l_orderkey": [1, 1, 2, 3, 5, 5], "l_partkey": [1, 2, 3, 1, 2, 3],
                 "l_suppkey": [1, 2, 2, 1, 1, 2], "l_linenumber": [1, 2, 1, 1, 1, 2],
                 "l_quantity": [3, 4, 3, 2, 2, 3]},
    "part": {"p_partkey": [1, 2, 3], "p_name": NAMED, "p_size": [1, 2, 2]},
    "supplier": {"s_suppkey": [1, 2, 3], "s_name": NAMED, "s_nationkey": [7, 8, 8]},
    "partsupp": {"ps_partkey": [1, 1, 2, 3], "ps_suppkey": [1, 2, 2, 2],
                 "ps_availqty": [1, 2, 3, 3]},
    "nation": {"n_nationkey": [7, 8, 9], "n_name": NAMED, "n_regionkey": [1, 1, 2]},
    "region": {"r_regionkey": [1, 2], "r_name": ["a", "b"], "r_comment": ["x", "y"]},
}  # fmt: skip
WHOLESALE_JOINS = {
    "customer.c_nationkey -> nation.n_nationkey many_to_one",
    "lineitem.l_orderkey -> orders.o_orderkey many_to_one",
    "lineitem.l_partkey -> part.p_partkey many_to_one",
    "lineitem.l_suppkey -> supplier.s_suppkey many_to_one",
    "nation.n_regionkey -> region.r_regionkey many_to_one",
    "orders.o_custkey -> customer.c_custkey many_to_one",
    "partsupp.ps_partkey -> part.p_partkey many_to_one",
    "partsupp.ps_suppkey -> supplier.s_suppkey many_to_one",
    "supplier.s_nationkey -> nation.n_nationkey many_to_one",
}

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
    ("columns carry a letter of their table", WHOLESALE, {}, (), WHOLESALE_JOINS),
    (
        "columns carry a sign of their table, by which others call it",
        {"tbl_cst": {"cst_id": THREE, "cst_name": NAMED, "cst_town": NAMED},
         "tbl_dpt": {"dpt_code": NAMED, "dpt_name": NAMED, "dpt_town": ["x", "x", "y"]},
         "tbl_pcl": {"pcl_id": [11, 12, 13], "pcl_cust_id": [1, 2, 2], "pcl_to_dpt_code": [*"aab"],
                     "pcl_parent_id": [None, 11, 11], "pcl_kg": [5, 6, 5]}},
        {}, (),
        {"tbl_pcl.pcl_cust_id -> tbl_cst.cst_id many_to_one",
         "tbl_pcl.pcl_to_dpt_code -> tbl_dpt.dpt_code many_to_one",
         "tbl_pcl.pcl_parent_id -> tbl_pcl.pcl_id many_to_one"},
    ),
    (
        "prefixes without a break; as many vans, and the visits counted, are no references",
        {"pndepot": {"dpcode": [*"abc"], "dpname": NAMED, "dptown": [*"xxy"], "dpsqm": THREE},
         "pnvan": {"vnplate": [*"pqr"], "vndepot": [*"aab"], "vnkg": THREE, "vnfuel": [*"DED"]},
         "pnvisit": {"viid": THREE, "vifromdepot": [*"abb"], "vivan": [*"ppq"], "vimin": [1, 1, 2]},
         "pnday": {"dyno": [21, 22, 23], "dyvisits": [1, 1, 2], "dyvans": [1, 1, 1],
                   "dynote": NAMED}},
        {}, (),
        {"pnvan.vndepot -> pndepot.dpcode many_to_one",
         "pnvisit.vifromdepot -> pndepot.dpcode many_to_one",
         "pnvisit.vivan -> pnvan.vnplate many_to_one"},
    ),
    (
        "beginnings of the words of a table's name",
        {"customer_traits": {"ct_trait_sk": THREE, "ct_sex": [*"fmm"], "ct_age": [30, 30, 40]},
         "house_traits": {"ht_trait_sk": [1, 2], "ht_rooms": [4, 5], "ht_pets": [0, 1]},
         "sales": {"s_ctrait_sk": [1, 3, 3], "s_htrait_sk": [1, 1, 2], "s_cents": [5, 6, 5]}},
        {}, (),
        {"sales.s_ctrait_sk -> customer_traits.ct_trait_sk many_to_one",
         "sales.s_htrait_sk -> house_traits.ht_trait_sk many_to_one"},
    ),
    (
        "names without prefixes: values must agree, and what names anything joins nothing",
        {"stores": {"st_id": THREE, "st_code": NAMED, "st_name": NAMED, "st_manager_id": THREE},
         "gates": {"ga_id": THREE, "ga_store_id": [1, 8, 9], "ga_code": NAMED, "ga_name": NAMED},
         "tolls": {"to_id": [1, 2], "to_line_no": [1, 2], "to_company_id": [1, 2],
                   "to_gate_id": [7, 8]},
         "order_lines": {"ol_id": THREE, "ol_company_id": [1, 2, 2], "ol_name": NAMED}},
        {}, (), set(),
    ),
    (
        "columns that are about another table's rows carry no prefix of their own",
        {"customers": {"id": THREE, "name": NAMED},
         "customer_orders": {"customer_id": [1, 1, 2], "customer_name": [*"aab"],
                             "customer_rank": THREE},
         "calls": {"call_id": [1, 2], "customer_id": [3, 3]}},
        {}, (),
        {"customer_orders.customer_id -> customers.id many_to_one",
         "calls.customer_id -> customers.id many_to_one"},
    ),
    (
        "names that end in the key of one table, and a key that docs give in brackets",
        {"plant": {"pid": THREE, "nm": NAMED}, "crew": {"cid": THREE, "home_pid": [1, 1, 3],
                                                         "mum": [None, 1, 2], "old_pid": [7, 8, 9]},
         "ride": {"rid": [1, 2], "mins": [1, 2]}},
        {"crew.mum": "Mother (crew.cid), if she works here too",
         "ride.mins": "minutes (see plant.pid or crew.cid)"}, (),
        {"crew.home_pid -> plant.pid many_to_one", "crew.mum -> crew.cid many_to_one"},
    ),
    (
        "no column is joined with itself",
        {"cars": {"used_car_id": THREE, "name": NAMED}, "lots": {"id": THREE, "name": NAMED}},
        {}, (), set(),
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
