"""What the catalog mends of a model's draft, and what it leaves for the guard."""

from __future__ import annotations

import pytest
from sqlglot import exp, parse_one

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.draft import Mending
from nlq.drafting.mends.mend import MENDS, Mend, mend
from nlq.types import ColumnDoc, JoinEdge, TableDoc, ValueDoc


def table(name: str, *columns: str, joins: tuple[JoinEdge, ...] = ()) -> TableDoc:
    docs = tuple(ColumnDoc(column, "varchar") for column in columns)
    return TableDoc(f"lake.shop.{name}", docs, joins=joins)


def edge(left: str, column: str, right: str, key: str) -> JoinEdge:
    return JoinEdge(f"lake.shop.{left}", (column,), f"lake.shop.{right}", (key,))


PRICE = ColumnDoc("price_c", "bigint", unit="USD cents")
CITY = ColumnDoc("city", "varchar", values=(ValueDoc("Berlin"), ValueDoc("Paris")))
LAND = ColumnDoc(
    "land", "varchar", values=(ValueDoc("DE", "Germany"), ValueDoc("GB", "United Kingdom", ("UK",)))
)
TABLES = (
    table("sales", "id", "car_id", "customer_id", "sale_price", "sale_date",
          joins=(edge("sales", "car_id", "cars", "id"),
                 edge("sales", "customer_id", "customers", "id"))),
    table("cars", "id", "make", "model"),
    TableDoc("lake.shop.plans", (ColumnDoc("plan", "varchar"), PRICE)),
    TableDoc("lake.shop.customers",
             (ColumnDoc("id", "bigint"), ColumnDoc("name", "varchar"), CITY, LAND)),
)  # fmt: skip
CATALOG = Catalog({doc.name: doc for doc in TABLES})


@pytest.mark.parametrize(
    ("draft", "mended"),
    [
        (  # a column of the other table
            "SELECT s.make FROM sales AS s JOIN cars AS c ON s.car_id = c.id",
            "SELECT c.make FROM sales AS s JOIN cars AS c ON s.car_id = c.id",
        ),
        (  # a table that was left out
            "SELECT s.make, SUM(s.sale_price) AS total FROM sales AS s GROUP BY s.make",
            "SELECT cars.make, SUM(s.sale_price) AS total FROM sales AS s "
            "JOIN lake.shop.cars AS cars ON s.car_id = cars.id GROUP BY cars.make",
        ),
        (  # a join on columns that are not there
            "SELECT c.make FROM sales AS s JOIN cars AS c ON s.id = c.sale_id",
            "SELECT c.make FROM sales AS s JOIN cars AS c ON s.car_id = c.id",
        ),
        (  # cents
            "SELECT p.plan, p.price_c FROM plans AS p ORDER BY p.price_c",
            "SELECT p.plan, p.price_c / 1e2 AS price_c FROM plans AS p ORDER BY p.price_c",
        ),
        ("SELECT MAX(price_c) AS top FROM plans", "SELECT MAX(price_c) / 1e2 AS top FROM plans"),
        ("SELECT sale_prise FROM sales", "SELECT sale_price FROM sales"),
        ("SELECT id FROM sale", "SELECT id FROM sales AS sale"),
        ("SELECT name FROM customers WHERE city = 'berlin'",
         "SELECT name FROM customers WHERE city = 'Berlin'"),
        ("SELECT name FROM customers WHERE city IN ('PARIS', 'Rome')",
         "SELECT name FROM customers WHERE city IN ('Paris', 'Rome')"),
        ("SELECT name FROM customers WHERE land IN ('germany', 'UK')",
         "SELECT name FROM customers WHERE land IN ('DE', 'GB')"),
    ],
)  # fmt: skip
def test_what_has_one_reading_is_mended(draft: str, mended: str) -> None:
    got, notes = mend(draft, CATALOG)
    assert got == mended
    assert notes


@pytest.mark.parametrize(
    "draft",
    [
        "SELECT s.sale_price FROM sales s",
        "SELECT SUM(price_c) / 1e2 AS total FROM plans",
        "SELECT make AS brand FROM cars ORDER BY brand",
        "SELECT nothing FROM cars",
        "SELECT t.x FROM (SELECT 1 AS x) t",
        "WITH sale AS (SELECT id FROM sales) SELECT sale.id FROM sale",
        "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM sales WHERE customer_id = c.id)",
        "I cannot answer that.",
        "SELECT FROM WHERE (",
    ],
)
def test_the_rest_is_left_as_it_is(draft: str) -> None:
    assert mend(draft, CATALOG) == (draft, ())


def shop(*docs: TableDoc) -> Catalog:
    return Catalog({doc.name: doc for doc in docs})


def numbers(name: str, *columns: str, joins: tuple[JoinEdge, ...] = ()) -> TableDoc:
    docs = tuple(ColumnDoc(column, "bigint") for column in columns)
    return TableDoc(f"lake.shop.{name}", docs, joins=joins)


BRIDGED = shop(
    TableDoc(
        "lake.shop.author", (ColumnDoc("aid", "bigint"), ColumnDoc("name", "varchar"))
    ),
    TableDoc(
        "lake.shop.domain", (ColumnDoc("did", "bigint"), ColumnDoc("label", "varchar"))
    ),
    numbers("paper", "pid", "refs", "year", joins=()),
    numbers("writes", "aid", "pid",
            joins=(edge("writes", "aid", "author", "aid"), edge("writes", "pid", "paper", "pid"))),
    numbers("domain_paper", "did", "pid",
            joins=(edge("domain_paper", "did", "domain", "did"),
                   edge("domain_paper", "pid", "paper", "pid"))),
    numbers("cite", "cited", "citing", joins=(edge("cite", "cited", "paper", "pid"),)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("draft", "mended"),
    [
        (  # columns that have nothing to do with each other; the bridge is found
            "SELECT d.label, avg(c.refs) AS refs FROM domain d JOIN cite c ON d.did = c.cited "
            "GROUP BY d.label",
            "SELECT d.label, AVG(paper.refs) AS refs FROM domain AS d "
            "JOIN lake.shop.domain_paper AS domain_paper ON d.did = domain_paper.did "
            "JOIN lake.shop.paper AS paper ON domain_paper.pid = paper.pid GROUP BY d.label",
        ),
        (  # a table that is only named by its columns
            "SELECT author.name FROM writes WHERE writes.pid = 3",
            "SELECT author.name FROM writes AS writes "
            "JOIN lake.shop.author AS author ON writes.aid = author.aid WHERE writes.pid = 3",
        ),
        (  # an alias that stands for no table
            "SELECT count(DISTINCT p.pid) AS n FROM author a JOIN writes w ON a.aid = w.aid",
            "SELECT COUNT(DISTINCT paper.pid) AS n FROM author AS a "
            "JOIN writes AS w ON a.aid = w.aid JOIN lake.shop.paper AS paper ON w.pid = paper.pid",
        ),
    ],
)
def test_tables_are_joined_by_known_ways(draft: str, mended: str) -> None:
    got, notes = mend(draft, BRIDGED)
    assert got.replace("FROM writes JOIN", "FROM writes AS writes JOIN") == mended
    assert notes


@pytest.mark.parametrize(
    "draft",
    [
        "SELECT a.name FROM author a JOIN writes w ON a.aid = w.aid WHERE w.pid = 3",
        "SELECT a.name FROM author a JOIN writes w USING (aid)",
        "SELECT a.name, w.pid FROM author a, writes w WHERE a.aid = w.aid",
        "SELECT a.name, b.name AS other FROM author a JOIN author b ON a.name < b.name",
        "SELECT a.name FROM author a WHERE NOT EXISTS (SELECT 1 FROM writes w WHERE w.aid = a.aid)",
    ],
)
def test_joins_that_hold_are_left(draft: str) -> None:
    assert mend(draft, BRIDGED) == (draft, ())


def test_a_left_join_stays_one() -> None:
    got, _ = mend(
        "SELECT a.name, count(p.pid) AS n FROM author a LEFT JOIN paper p ON a.aid = p.refs "
        "GROUP BY a.name",
        BRIDGED,
    )
    assert got.count("LEFT JOIN") == 2


@pytest.mark.parametrize(
    ("condition", "mended"),
    [
        ("year >= DATE '2020-01-01' AND year < DATE '2021-01-01'", "year >= 2020 AND year < 2021"),
        ("year(year) = 2020", "year = 2020"),
        ("extract(year FROM year) = 2020", "year = 2020"),
        ("year BETWEEN DATE '2019-01-01' AND DATE '2020-12-31'", "year BETWEEN 2019 AND 2020"),
    ],
)
def test_years_that_are_numbers_are_compared_as_numbers(condition: str, mended: str) -> None:
    assert mend(f"SELECT pid FROM paper WHERE {condition}", BRIDGED)[0] == (
        f"SELECT pid FROM paper WHERE {mended}"
    )


@pytest.mark.parametrize(
    ("draft", "mended"),
    [
        (  # the number that ranks
            "SELECT d.label FROM domain d GROUP BY d.label ORDER BY count(*) DESC LIMIT 5",
            "SELECT d.label, COUNT(*) AS count FROM domain AS d GROUP BY d.label "
            "ORDER BY COUNT(*) DESC LIMIT 5",
        ),
        (  # the keys of groups
            "SELECT sum(refs) AS refs FROM paper GROUP BY year",
            "SELECT SUM(refs) AS refs, year AS year FROM paper GROUP BY year",
        ),
        (  # what selects groups
            "SELECT year FROM paper GROUP BY year HAVING sum(refs) > 3",
            "SELECT year, SUM(refs) AS sum_refs FROM paper GROUP BY year HAVING SUM(refs) > 3",
        ),
    ],
)
def test_what_rows_are_read_by_is_shown(draft: str, mended: str) -> None:
    assert mend(draft, BRIDGED)[0] == mended


@pytest.mark.parametrize(
    ("draft", "mended"),
    [
        (
            "SELECT name FROM author WHERE aid NOT IN (SELECT aid FROM writes)",
            "SELECT name FROM author WHERE (NOT aid IN (SELECT aid FROM writes WHERE NOT aid IS "
            "NULL) OR aid IS NULL)",
        ),
        (
            "SELECT name FROM author WHERE name LIKE 'J%' OR name LIKE '%ez' AND aid > 3",
            "SELECT name FROM author WHERE (LOWER(name) LIKE 'j%' OR LOWER(name) LIKE '%ez') AND "
            "aid > 3",
        ),
        (
            "SELECT CAST(1 AS double) * count(*) / count(pid) AS ratio FROM writes",
            "",
        ),
        (
            "SELECT count(*) / count(pid) AS ratio FROM writes",
            "SELECT CAST(COUNT(*) AS DOUBLE) / COUNT(pid) AS ratio FROM writes",
        ),
        ("SELECT year / 10 * 10 AS decade FROM paper", ""),
        (
            "SELECT count(*) FILTER (WHERE refs > 3) AS n FROM paper",
            "SELECT COUNT_IF(refs > 3) AS n FROM paper",
        ),
    ],
)
def test_conditions_and_ratios_say_what_was_meant(draft: str, mended: str) -> None:
    assert mend(draft, BRIDGED)[0] == (mended or draft)


def test_a_part_of_a_value_is_matched_as_a_part() -> None:
    cities = TableDoc(
        "lake.shop.city",
        (ColumnDoc("name", "varchar", values=(ValueDoc("Lake Ontario"), ValueDoc("Lake Erie"))),),
    )
    assert mend("SELECT name FROM city WHERE name = 'ontario'", shop(cities))[0] == (
        "SELECT name FROM city WHERE LOWER(name) LIKE '%ontario%'"
    )


def test_of_several_tables_the_one_that_the_question_speaks_of_is_joined() -> None:
    people = ("id", "first_name")
    catalog = shop(
        table("sales", "id", "customer_id", "seller_id",
              joins=(edge("sales", "customer_id", "customers", "id"),
                     edge("sales", "seller_id", "sellers", "id"))),
        table("customers", *people), table("sellers", *people),
    )  # fmt: skip
    draft = "SELECT s.first_name, count(*) AS n FROM sales s GROUP BY s.first_name"
    assert "sellers.first_name" in mend(draft, catalog, "How many sales has each seller?")[0]
    assert mend(draft, catalog, "How many sales?") == (draft, ())


def test_both_means_each_of_the_values() -> None:
    draft = (
        "SELECT DISTINCT a.name FROM author a JOIN writes w ON a.aid = w.aid WHERE w.pid IN (1, 2)"
    )
    assert mend(draft, BRIDGED, "Who wrote both paper 1 and paper 2?")[0] == (
        "SELECT a.name FROM author AS a JOIN writes AS w ON a.aid = w.aid WHERE w.pid IN (1, 2) "
        "GROUP BY a.name HAVING COUNT(DISTINCT w.pid) = 2"
    )
    assert mend(draft, BRIDGED, "Who wrote paper 1 or paper 2?") == (draft, ())


@pytest.mark.parametrize(
    ("draft", "question", "mended"),
    [
        (
            "SELECT a.name, count(*) AS n FROM writes w JOIN author a ON w.aid = a.aid "
            "WHERE w.pid > 3 GROUP BY a.name",
            "How many papers did each author write?",
            "SELECT a.name, COUNT(w.aid) AS n FROM author AS a LEFT JOIN writes AS w "
            "ON w.aid = a.aid AND w.pid > 3 GROUP BY a.name",
        ),
        (
            "SELECT a.name, count(*) AS n FROM author a JOIN writes w ON w.aid = a.aid "
            "WHERE a.aid > 1 GROUP BY a.name",
            "Papers of all authors",
            "SELECT a.name, COUNT(w.aid) AS n FROM author AS a LEFT JOIN writes AS w "
            "ON w.aid = a.aid WHERE a.aid > 1 GROUP BY a.name",
        ),
        (
            "SELECT a.name, count(*) AS n FROM author a JOIN writes w ON w.aid = a.aid "
            "GROUP BY a.name",
            "Which authors wrote most?",
            "",
        ),
        (
            "SELECT a.name, sum(w.pid) AS n FROM author a JOIN writes w ON w.aid = a.aid "
            "GROUP BY a.name",
            "The sum of each author",
            "",
        ),
        (
            "SELECT w.pid, count(*) AS n FROM author a JOIN writes w ON w.aid = a.aid "
            "GROUP BY w.pid",
            "For each author, the papers",
            "",
        ),
    ],
)
def test_each_and_all_count_those_without_any(draft: str, question: str, mended: str) -> None:
    assert mend(draft, BRIDGED, question)[0] == (mended or draft)


@pytest.mark.parametrize(
    ("draft", "mended"),
    [
        (
            "SELECT CAST(count(*) AS double) / count(*) * 100 AS share FROM paper "
            "WHERE refs > 3 AND year = 2020",
            "SELECT CAST(COUNT_IF(year = 2020) AS DOUBLE) / COUNT(*) * 100 AS share FROM paper "
            "WHERE refs > 3",
        ),
        (
            "SELECT sum(CASE WHEN year = 2020 AND refs > 3 THEN 1 ELSE 0 END) * 100.0 / count(*) "
            "AS share FROM paper WHERE year = 2020 AND refs > 3",
            "SELECT CAST(SUM(CASE WHEN year = 2020 AND refs > 3 THEN 1 ELSE 0 END) * 100.0 "
            "AS DOUBLE) / COUNT(*) "
            "AS share FROM paper WHERE year = 2020",
        ),
        (
            "SELECT CAST(count_if(refs > 3) AS double) / count(*) AS share FROM paper "
            "WHERE year = 2020",
            "",
        ),
        (
            "SELECT CAST(count(*) AS double) / count(DISTINCT year) AS n FROM paper WHERE refs > 1",
            "",
        ),
    ],
)
def test_a_share_is_of_more_than_what_is_counted(draft: str, mended: str) -> None:
    assert mend(draft, BRIDGED)[0] == (mended or draft)


def test_a_draft_without_from_reads_the_tables_that_it_names() -> None:
    assert mend("SELECT max(paper.refs) AS refs", BRIDGED)[0] == (
        "SELECT MAX(paper.refs) AS refs FROM lake.shop.paper AS paper"
    )
    assert mend("SELECT 1 AS one", BRIDGED) == ("SELECT 1 AS one", ())


@pytest.mark.parametrize(
    ("draft", "question", "mended"),
    [
        (
            "SELECT a.aid, a.name FROM author a JOIN writes w ON a.aid = w.aid WHERE a.aid > 3",
            "Which people have a number over 3?",
            "SELECT a.aid, a.name FROM author AS a WHERE a.aid > 3",
        ),
        (
            "SELECT sum(p.refs) AS n FROM writes w JOIN paper p ON w.pid = p.pid "
            "JOIN cite c ON c.cited = p.pid WHERE w.aid = 1",
            "How many references did author 1 give?",
            "SELECT SUM(p.refs) AS n FROM writes AS w JOIN paper AS p ON w.pid = p.pid "
            "WHERE w.aid = 1",
        ),
        (  # what is counted
            "SELECT a.name, count(*) AS n FROM author a JOIN cite c ON a.aid = c.cited "
            "GROUP BY a.name",
            "Who is named most?",
            "",
        ),
        (  # the question speaks of it
            "SELECT DISTINCT a.name FROM author a JOIN writes w ON a.aid = w.aid",
            "Which authors write?",
            "",
        ),
        (  # on the way to another
            "SELECT d.label FROM domain d JOIN domain_paper dp ON d.did = dp.did "
            "JOIN paper p ON dp.pid = p.pid WHERE p.year = 2020",
            "Labels in 2020",
            "",
        ),
    ],
)
def test_tables_that_nobody_uses_or_speaks_of_are_left_out(
    draft: str, question: str, mended: str
) -> None:
    assert mend(draft, BRIDGED, question)[0] == (mended or draft)


def test_a_ratio_to_another_value_is_not_divided_by_all() -> None:
    results = tuple(ValueDoc(value) for value in ("lost", "won", "open"))
    disputes = TableDoc("lake.shop.disputes", (ColumnDoc("result", "varchar", values=results),))
    draft = (
        "SELECT CAST(count_if(result = 'lost') AS double) / nullif(count(*), 0) AS r FROM disputes"
    )
    assert mend(draft, shop(disputes), "What is the ratio of lost to won disputes?")[0] == (
        "SELECT CAST(COUNT_IF(result = 'lost') AS DOUBLE) / NULLIF(COUNT_IF(result = 'won'), 0) "
        "AS r FROM disputes"
    )
    assert mend(draft, shop(disputes), "What is the ratio of lost to all?") == (draft, ())


PRICES = TableDoc(
    "lake.shop.fares", (ColumnDoc("class", "varchar"), ColumnDoc("fare", "decimal(10,2)"))
)


@pytest.mark.parametrize(
    ("draft", "mended"),
    [
        (
            "SELECT avg(fare) AS fare FROM fares",
            "SELECT AVG(CAST(fare AS DOUBLE)) AS fare FROM fares",
        ),
        (
            "SELECT sum(fare) / count(*) AS each FROM fares",
            "SELECT CAST(SUM(fare) AS DOUBLE) / COUNT(*) AS each FROM fares",
        ),
        ("SELECT sum(fare) AS fares FROM fares", ""),
    ],
)
def test_averages_and_ratios_of_decimals_keep_their_fraction(draft: str, mended: str) -> None:
    assert mend(draft, shop(PRICES))[0] == (mended or draft)


@pytest.mark.parametrize(
    ("shown", "mended"),
    [
        ("100.0 * count(*) / 3 AS n", "CAST(100.0 * COUNT(*) AS DOUBLE) / 3 AS n"),
        ("refs / 100.0 AS n", "CAST(refs AS DOUBLE) / 100.0 AS n"),
        ("refs / 1e2 AS n", "refs / 1e2 AS n"),
        ("refs / 10 * 10 AS n", "refs / 10 * 10 AS n"),
    ],
)
def test_a_ratio_keeps_its_fraction(shown: str, mended: str) -> None:
    assert mend(f"SELECT {shown} FROM paper", BRIDGED)[0] == f"SELECT {mended} FROM paper"


def test_decades_are_told_by_their_first_year() -> None:
    drafted = "SELECT date_trunc('decade', sale_date) AS d, COUNT(*) AS n FROM sales GROUP BY 1"
    assert mend(drafted, CATALOG)[0] == (
        "SELECT YEAR(sale_date) / 10 * 10 AS d, COUNT(*) AS n FROM sales GROUP BY 1"
    )


LEFT = "SELECT id FROM sales WHERE car_id = 1"


@pytest.mark.parametrize("each", MENDS, ids=lambda each: each.__name__)
def test_a_mend_that_notes_nothing_changes_nothing(each: Mend) -> None:
    for sql in (LEFT, "SELECT city, COUNT(*) AS n FROM customers GROUP BY city ORDER BY n DESC"):
        tree, mending = parse_one(sql, read="presto"), Mending(CATALOG, "How many are there?")
        each(tree, mending)
        assert mending.notes or tree == parse_one(sql, read="presto")


def test_what_a_mend_that_breaks_left_half_done_is_not_taken() -> None:
    def breaks(tree: exp.Expr, mending: Mending) -> None:
        tree.args["limit"] = exp.Limit(expression=exp.Literal.number(1))
        mending.note("limited")
        raise ValueError

    def notes(tree: exp.Expr, mending: Mending) -> None:
        mending.note("looked at")

    assert mend(LEFT, CATALOG, mends=(breaks, notes, breaks)) == (LEFT, ("looked at",))
